import { expect, test } from "@jest/globals";
import { createSharedTimer } from "./shared-timer.ts";

test("everybody is called once, in their order, never before their time", async () => {
  const timer = createSharedTimer(5);
  const called: { ms: number; early: boolean }[] = [];
  const startedAt = performance.now();
  await Promise.all(
    [40, 0, 20, 20, 3].map(
      (ms) =>
        new Promise<void>((resolve) =>
          timer.after(ms, () => {
            called.push({ ms, early: performance.now() - startedAt < ms });
            resolve();
          }),
        ),
    ),
  );
  expect(called.map(({ ms }) => ms)).toEqual([0, 3, 20, 20, 40]);
  expect(called.filter(({ early }) => early)).toEqual([]);
});

test("whoever cancelled is not called, and cancelling again, or too late, harms nobody", async () => {
  const timer = createSharedTimer(5);
  const called: string[] = [];
  const cancel = timer.after(5, () => called.push("cancelled"));
  const kept = timer.after(5, () => called.push("kept"));
  cancel();
  cancel();
  await new Promise<void>((resolve) => timer.after(15, resolve));
  kept();
  expect(called).toEqual(["kept"]);
});
