import { expect, test } from "@jest/globals";
import { limitsOfOne, planCapacity } from "./plan-capacity.ts";

test("twice the load needs twice of everything, and more deliveries need more", () => {
  const one = planCapacity({ eventsPerSecond: 100_000, attemptsPerEvent: 0 });
  const two = planCapacity({ eventsPerSecond: 200_000, attemptsPerEvent: 0 });
  expect(two.walMbPerSecond).toBeCloseTo(2 * one.walMbPerSecond);
  expect(Math.abs(two.gateways - 2 * one.gateways)).toBeLessThanOrEqual(1);
  const delivered = planCapacity({ eventsPerSecond: 100_000, attemptsPerEvent: 1 });
  expect(delivered.gateways).toBe(one.gateways);
  expect(delivered.workers).toBeGreaterThan(one.workers);
});

test("one of each carries its own limit and no more", () => {
  const limit = Math.floor(limitsOfOne(1)["a Redis shard"] ?? 0);
  expect(planCapacity({ eventsPerSecond: limit, attemptsPerEvent: 1 }).redisShards).toBe(1);
  expect(planCapacity({ eventsPerSecond: limit + 2, attemptsPerEvent: 1 }).redisShards).toBe(2);
});
