import { describe, expect, test } from "@jest/globals";
import { slopeOf, summarizeArrivals } from "./arrivals.ts";

const load = { startedAt: 1_000, perSecond: 10, seconds: 9 };
const dueAt = (n: number) => load.startedAt + n * 100;
const numbers = Array.from({ length: 90 }, (_, n) => n);

describe("what arrivals say", () => {
  test("latency counts from when an event was due, and the backlog of a steady system does not grow", () => {
    const arrivedAt = numbers.map((n) => dueAt(n) + 20);
    const figures = summarizeArrivals({ arrivedAt, duplicates: 0 }, load);
    expect([...new Set(figures.latenciesMs)]).toEqual([20]);
    expect(figures.perSecond).toBe(10);
    expect(figures.backlogGrowth).toBe(0);
  });

  test("a system that brings half of the load shows a backlog that grows by half of it", () => {
    const arrivedAt = numbers.map((n) => load.startedAt + (n + 1) * 200 - 1);
    const figures = summarizeArrivals({ arrivedAt, duplicates: 0 }, load);
    expect(figures.backlogGrowth).toBeCloseTo(50, 5);
    expect(figures.perSecond).toBe(5);
  });

  test("an event that never came counts as backlog, not as latency", () => {
    const arrivedAt = numbers.map((n) => (n === 3 ? null : dueAt(n)));
    const figures = summarizeArrivals({ arrivedAt, duplicates: 0 }, load);
    expect(figures.latenciesMs).toHaveLength(89);
    expect(figures.perSecond).toBeCloseTo(89 / 9, 5);
  });

  test("the slope of a straight line is its own", () => {
    expect(slopeOf([5, 7, 9, 11])).toBe(2);
    expect(slopeOf([4])).toBe(0);
  });
});
