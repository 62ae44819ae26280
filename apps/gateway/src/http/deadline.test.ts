import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { createDeadline, DeadlineError } from "./deadline.ts";

const never = new Promise<never>(() => undefined);

test("a call that comes back in time gives its result, or its own error", async () => {
  const deadline = createDeadline(1_000);
  expect(await deadline.race(Promise.resolve("result"))).toBe("result");
  await expect(deadline.race(Promise.reject(new Error("its own")))).rejects.toThrow("its own");
});

test("a call that does not come back ends with the deadline", async () => {
  const startedAt = performance.now();
  await expect(createDeadline(50).race(never)).rejects.toThrow(DeadlineError);
  expect(performance.now() - startedAt).toBeLessThan(500);
});

test("all calls together have one budget, and time between them is not counted", async () => {
  const deadline = createDeadline(200);
  await deadline.race(pause(100));
  await pause(150);
  const startedAt = performance.now();
  await expect(deadline.race(never)).rejects.toThrow(DeadlineError);
  expect(performance.now() - startedAt).toBeLessThan(150);
});

test("a call that fails after the deadline harms nobody", async () => {
  const late = Promise.withResolvers<never>();
  await expect(createDeadline(1).race(late.promise)).rejects.toThrow(DeadlineError);
  late.reject(new Error("late"));
  await new Promise(setImmediate);
});
