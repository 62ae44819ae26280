import { expect, test } from "@jest/globals";
import { DrainedError, retryInPlace } from "./retry-in-place.ts";

const never = () => new AbortController().signal;

test("work that succeeds runs once", async () => {
  let runs = 0;
  const work = () => Promise.resolve(++runs);
  expect(await retryInPlace(work, { signal: never(), onError: () => undefined })).toBe(1);
  expect(runs).toBe(1);
});

test("work that fails is repeated until it works, and each failure is told", async () => {
  const failures: unknown[] = [];
  let runs = 0;
  const work = () => {
    runs += 1;
    return runs < 4 ? Promise.reject(new Error(`failure ${runs}`)) : Promise.resolve("done");
  };
  const options = { signal: never(), onError: (error: unknown) => void failures.push(error), maxDelayMs: 2 };
  expect(await retryInPlace(work, options)).toBe("done");
  expect(failures).toEqual([new Error("failure 1"), new Error("failure 2"), new Error("failure 3")]);
});

test("what onError throws ends it", async () => {
  const fatal = new Error("hopeless");
  const options = {
    signal: never(),
    onError: () => {
      throw fatal;
    },
  };
  await expect(retryInPlace(() => Promise.reject(new Error("x")), options)).rejects.toBe(fatal);
});

test("a drain ends the waiting with a DrainedError that carries the cause", async () => {
  const drained = new AbortController();
  const cause = new Error("away");
  const waiting = retryInPlace(() => Promise.reject(cause), {
    signal: drained.signal,
    onError: () => void setImmediate(() => drained.abort()),
    maxDelayMs: 60_000,
  });
  await expect(waiting).rejects.toMatchObject({ name: "DrainedError", cause });
  await expect(waiting).rejects.toBeInstanceOf(DrainedError);
});

test("also after a drain the work itself runs to its end", async () => {
  const drained = AbortSignal.abort();
  expect(
    await retryInPlace(() => Promise.resolve("done"), { signal: drained, onError: () => undefined }),
  ).toBe("done");
});
