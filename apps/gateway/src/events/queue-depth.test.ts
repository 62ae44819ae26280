import { expect, test } from "@jest/globals";
import { createQueueDepth } from "./queue-depth.ts";

/** What an answer is to somebody who asks again until a sample has come in. */
function createMeter() {
  const levels = { depth: 0, memory: 0 };
  const queueDepth = createQueueDepth({
    readDepth: () => Promise.resolve(levels.depth),
    usedMemoryShare: () => levels.memory,
    maxDepth: 100,
    backlogFrom: 10,
    sampleMs: 0,
  });
  const isOpen = (isLow: boolean) => {
    try {
      queueDepth.requireRoom(isLow);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: "queue_full", details: { headers: { "Retry-After": "5" } } });
      return false;
    }
  };
  return async (depth: number, memory = 0) => {
    Object.assign(levels, { depth, memory });
    // The sample of the last question comes in, then one is asked for, and that comes in too: a promise's callbacks come
    // before an immediate.
    await new Promise((resolve) => setImmediate(resolve));
    isOpen(true);
    await new Promise((resolve) => setImmediate(resolve));
    return { normal: isOpen(false), low: isOpen(true), hasBacklog: queueDepth.hasBacklog() };
  };
}

test("a queue above its limit is full, and open again only below 90 % of it", async () => {
  const at = createMeter();
  const normal = async (depth: number) => (await at(depth)).normal;
  expect([await normal(100), await normal(101), await normal(95), await normal(91)]).toEqual([
    ...[true, false, false, false],
  ]);
  expect([await normal(90), await normal(100)]).toEqual([true, true]);
});

test("low priority is refused at 70 % of it, and accepted again below 63 %", async () => {
  const at = createMeter();
  const low = async (depth: number) => (await at(depth)).low;
  expect([await low(70), await low(71), await low(64), await low(63)]).toEqual([true, false, false, true]);
});

test("at 75 % of Redis' memory nobody may publish, until it has sunk below 72 %", async () => {
  const at = createMeter();
  const open = async (memory: number) => {
    const { normal, low } = await at(0, memory);
    expect(low).toBe(normal);
    return normal;
  };
  expect([await open(0.75), await open(0.76), await open(0.73), await open(0.72)]).toEqual([
    ...[true, false, false, true],
  ]);
});

test("a backlog is told from the depth", async () => {
  const at = createMeter();
  expect([(await at(9)).hasBacklog, (await at(10)).hasBacklog]).toEqual([false, true]);
});
