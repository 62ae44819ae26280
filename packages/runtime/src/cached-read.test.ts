import { expect, test } from "@jest/globals";
import { createCachedRead } from "./cached-read.ts";

test("many who ask at once share one read, and a failed one is made again", async () => {
  let reads = 0;
  const cached = createCachedRead(() => {
    reads += 1;
    return reads === 1 ? Promise.reject(new Error("away")) : Promise.resolve(reads);
  }, 60_000);
  await expect(Promise.all([cached(), cached()])).rejects.toThrow("away");
  expect(await Promise.all([cached(), cached()])).toEqual([2, 2]);
  expect(await cached()).toBe(2);
});

test("what is too old is read again", async () => {
  let reads = 0;
  const cached = createCachedRead(() => Promise.resolve((reads += 1)), 0);
  expect([await cached(), await cached()]).toEqual([1, 2]);
});
