import { describe, expect, test } from "@jest/globals";
import { createBatcher } from "./batcher.ts";

/** Keeps every batch open until the test ends it. */
function createFlushes() {
  const batches: { items: number[]; end: () => void; fail: (error: Error) => void }[] = [];
  const flush = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      batches.push({ items, end: () => resolve(items.map((item) => `result ${item}`)), fail: reject });
    });
  return { batches, flush };
}

const forever = 60_000;

describe("a batcher", () => {
  test("closes a batch when it is full, and gives each item its own result", async () => {
    const { batches, flush } = createFlushes();
    const batcher = createBatcher({ maxItems: 3, spacingMs: forever, maxConcurrent: 2 }, flush);
    const results = [1, 2, 3].map((item) => batcher.add(item));
    expect(batches.map(({ items }) => items)).toEqual([[1, 2, 3]]);
    batches[0]?.end();
    expect(await Promise.all(results)).toEqual(["result 1", "result 2", "result 3"]);
  });

  test("closes a batch at once when none was closed lately, with all that came in the same turn", async () => {
    const { batches, flush } = createFlushes();
    const batcher = createBatcher({ maxItems: 100, spacingMs: forever, maxConcurrent: 2 }, flush);
    void batcher.add(1);
    void batcher.add(2);
    expect(batches).toHaveLength(0);
    while (batches.length === 0) await new Promise(setImmediate);
    void batcher.add(3);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(batches.map(({ items }) => items)).toEqual([[1, 2]]);
  });

  test("closes the next batch when the time between two is over", async () => {
    const closedAt: number[] = [];
    const batcher = createBatcher({ maxItems: 100, spacingMs: 50, maxConcurrent: 2 }, (items: number[]) => {
      closedAt.push(performance.now());
      return Promise.resolve(items);
    });
    await batcher.add(1);
    expect(await Promise.all([batcher.add(2), batcher.add(3)])).toEqual([2, 3]);
    expect(closedAt).toHaveLength(2);
    expect(Number(closedAt[1]) - Number(closedAt[0])).toBeGreaterThan(40);
  });

  test("closes a batch when its bytes are reached, and never takes more than they allow", () => {
    const { batches, flush } = createFlushes();
    const batcher = createBatcher(
      { maxItems: 100, maxBytes: 10, spacingMs: forever, maxConcurrent: 9 },
      flush,
    );
    void batcher.add(1, 6);
    expect(batches).toHaveLength(0);
    void batcher.add(2, 6);
    expect(batches.map(({ items }) => items)).toEqual([[1]]);
    void batcher.add(3, 4);
    expect(batches.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  });

  test("lets groups take turns, each in its own order, so that one with many does not keep another waiting", async () => {
    const { batches, flush } = createFlushes();
    const groupOf = (item: number) => (item < 100 ? "many" : "few");
    const batcher = createBatcher({ maxItems: 3, spacingMs: 0, groupOf }, flush);
    for (const item of [1, 2, 3, 4, 5, 6, 7, 100, 101]) void batcher.add(item);
    for (let n = 0; n < 3; n++) {
      while (batches[n] === undefined) await new Promise(setImmediate);
      batches[n]?.end();
    }
    expect(batches.map(({ items }) => items)).toEqual([
      [1, 2, 3],
      [4, 100, 5],
      [101, 6, 7],
    ]);
  });

  test("takes an item alone that is larger than a batch may be", () => {
    const { batches, flush } = createFlushes();
    const batcher = createBatcher({ maxItems: 100, maxBytes: 10, spacingMs: forever }, flush);
    void batcher.add(1, 1_000);
    expect(batches.map(({ items }) => items)).toEqual([[1]]);
  });

  test("gathers what comes while all batches are in flight, in order, and forgets nothing", async () => {
    const { batches, flush } = createFlushes();
    const batcher = createBatcher({ maxItems: 2, spacingMs: 0, maxConcurrent: 1 }, flush);
    const results = [1, 2, 3, 4, 5].map((item) => batcher.add(item));
    expect(batches.map(({ items }) => items)).toEqual([[1, 2]]);
    for (let n = 0; n < 3; n++) {
      while (batches[n] === undefined) await new Promise(setImmediate);
      batches[n]?.end();
    }
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5].map((item) => `result ${item}`));
    expect(batches.map(({ items }) => items)).toEqual([[1, 2], [3, 4], [5]]);
  });

  test("a batch that fails fails its own items, and the next one goes on", async () => {
    const { batches, flush } = createFlushes();
    const batcher = createBatcher({ maxItems: 2, spacingMs: forever }, flush);
    const failing = [1, 2].map((item) => batcher.add(item));
    const following = [3, 4].map((item) => batcher.add(item));
    batches[0]?.fail(new Error("no"));
    for (const result of failing) await expect(result).rejects.toThrow("no");
    while (batches[1] === undefined) await new Promise(setImmediate);
    batches[1].end();
    expect(await Promise.all(following)).toEqual(["result 3", "result 4"]);
  });

  test("never has more batches in flight than allowed", async () => {
    let inFlight = 0;
    let most = 0;
    const batcher = createBatcher(
      { maxItems: 3, spacingMs: 1, maxConcurrent: 2 },
      async (items: number[]) => {
        most = Math.max(most, ++inFlight);
        await new Promise(setImmediate);
        inFlight -= 1;
        return items;
      },
    );
    const items = Array.from({ length: 100 }, (_, n) => n);
    expect(await Promise.all(items.map((item) => batcher.add(item)))).toEqual(items);
    expect(most).toBe(2);
  });
});
