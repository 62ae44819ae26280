import { expect, it } from "@jest/globals";
import { defaultRetrySchedule, delayOfStep } from "./retry-schedule.ts";

const steps = [...defaultRetrySchedule.keys()];

it("the default schedule is at once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h", () => {
  expect(steps.map((step) => delayOfStep(defaultRetrySchedule, step, () => 0.5))).toEqual([
    0, 5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
  ]);
});

it("jitter reaches from 80 % to 120 % and is a whole number of milliseconds", () => {
  expect(delayOfStep([5], 0, () => 0)).toBe(4_000);
  expect(delayOfStep([5], 0, () => 0.999999999)).toBe(6_000);
  expect(Number.isInteger(delayOfStep([5], 0, () => 0.123456789))).toBe(true);
});

it("the first attempt is never delayed", () => {
  expect(delayOfStep(defaultRetrySchedule, 0, () => 0.999)).toBe(0);
});

it("there is no delay after the last step", () => {
  expect(delayOfStep(defaultRetrySchedule, 10, Math.random)).toBeUndefined();
  expect(delayOfStep([], 0, Math.random)).toBeUndefined();
});
