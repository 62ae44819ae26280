import { expect, test } from "@jest/globals";
import { createReadiness, maxClockSkewMs, type ReadinessSources } from "./readiness.ts";

const well: ReadinessSources = {
  isRedisUp: () => true,
  isPostgresUp: () => true,
  isSchemaCurrent: () => true,
  isDraining: () => false,
  clockSkewMs: () => 0,
  redisFaults: () => [],
  redisWarnings: () => [],
};
const blockersOf = (sources: Partial<ReadinessSources>) =>
  createReadiness({ ...well, ...sources }).blockers();

test("nothing stands in the way while one of Redis and Postgres is away, and it is named", () => {
  expect(blockersOf({})).toEqual([]);
  expect(blockersOf({ isRedisUp: () => false })).toEqual([]);
  expect(blockersOf({ isPostgresUp: () => false })).toEqual([]);
  expect(createReadiness({ ...well, isRedisUp: () => false }).down()).toEqual(["redis"]);
  expect(createReadiness({ ...well, isPostgresUp: () => false }).down()).toEqual(["postgres"]);
});

test("starting, draining, both away and a clock that is off more than 5 minutes either way make it not ready", () => {
  expect(blockersOf({ isSchemaCurrent: () => false })).toHaveLength(1);
  expect(blockersOf({ isDraining: () => true })).toEqual(["draining"]);
  expect(blockersOf({ isRedisUp: () => false, isPostgresUp: () => false })).toHaveLength(1);
  for (const skew of [maxClockSkewMs + 1, -maxClockSkewMs - 1]) {
    expect(blockersOf({ clockSkewMs: () => skew })).toHaveLength(1);
  }
  for (const skew of [maxClockSkewMs, -maxClockSkewMs]) {
    expect(blockersOf({ clockSkewMs: () => skew })).toEqual([]);
  }
  expect(maxClockSkewMs).toBe(300_000);
});
