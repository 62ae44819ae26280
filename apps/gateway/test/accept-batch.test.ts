import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createEventId, type EventJob, requestDigestOf } from "@triggers/domain";
import { createEventQueue, type EventQueue } from "@triggers/queues";
import { createTestPrefix, testEnvironment } from "@triggers/testing";
import { Redis } from "ioredis";
import { acceptBatch } from "../src/events/accept-batch.ts";
import { createFairShares } from "../src/events/fair-shares.ts";
import { createDeadline } from "../src/http/deadline.ts";

let redis: Redis;
let prefix: string;
let queue: EventQueue;
const job: EventJob = { v: 1, org: "org", type: "a", payload: "{}" };

beforeAll(() => {
  redis = new Redis(testEnvironment().redisUrl);
});
afterAll(() => redis.quit());
beforeEach(() => {
  prefix = createTestPrefix();
  queue = createEventQueue(redis, prefix);
});

const key = { key: "k", digest: requestDigestOf("org", "k", Buffer.from("body")) };
const items = (dedupIds: (string | undefined)[]) =>
  dedupIds.map((id, index) => ({
    index,
    submission: { job, dedupParts: id === undefined ? undefined : [id] },
  }));
/** The queue as it is, with what may happen on the way to it and back. */
const accept = (
  around: (send: () => Promise<unknown>, call: number) => Promise<unknown>,
  withKey = false,
) => {
  let calls = 0;
  const faulty: EventQueue = {
    ...queue,
    async enqueueMany(events) {
      let results: Awaited<ReturnType<EventQueue["enqueueMany"]>> = [];
      await around(async () => (results = await queue.enqueueMany(events)), ++calls);
      return results;
    },
  };
  const deps = {
    queue: faulty,
    requireSafety: () => undefined,
    queueDepth: { requireRoom: () => undefined, hasBacklog: () => false },
    fairShares: createFairShares(),
    dedupWindow: { requireRoom: () => undefined, count: () => undefined },
    now: Date.now,
    dedupWindowMs: 60_000,
  };
  const batch = items([undefined, "d", "d", undefined]);
  return acceptBatch(deps, batch, withKey ? key : undefined, createDeadline(5_000));
};
const outcomes = (accepted: { outcome: string }[]) => accepted.map(({ outcome }) => outcome);

describe("a batch whose answer was lost", () => {
  test("is sent once more, adds nothing twice, and knows its own events", async () => {
    const accepted = await accept(async (send, call) => {
      await send();
      if (call === 1) throw new Error("the connection broke after the write");
    });
    expect(outcomes(accepted)).toEqual(["accepted", "accepted", "duplicate", "accepted"]);
    expect(await queue.depth()).toBe(3);
  });

  test("is a 503 when the second try fails too", async () => {
    let calls = 0;
    const answer = accept(() => Promise.reject(new Error(`broken ${++calls}`)));
    await expect(answer).rejects.toMatchObject({ code: "queue_unavailable" });
    expect(calls).toBe(2);
  });

  test.each([1, 2, 3, 4])(
    "by a death at step %i is completed by a retry with its Idempotency-Key, and no event is there twice",
    async (step) => {
      let steps = 0;
      // Before and after each of the two round trips; the second try of each dies with the first.
      const dying = accept(async (send, call) => {
        const isAnchor = call === 1 || step <= 2;
        if (isAnchor ? step === 1 : step === 3) throw new Error(`died ${++steps}`);
        await send();
        if (isAnchor ? step === 2 : step === 4) throw new Error(`died ${++steps}`);
      }, true);
      await expect(dying).rejects.toMatchObject({ code: "queue_unavailable" });
      const retried = await accept((send) => send(), true);
      expect(await queue.depth()).toBe(3);
      const again = await accept((send) => send(), true);
      expect(outcomes(again)).toEqual(["replayed", "replayed", "duplicate", "replayed"]);
      const idOf = (found: (typeof again)[number]) =>
        found.outcome === "accepted" ? found.id : found.firstId;
      expect(again.map(idOf)).toEqual(retried.map(idOf));
    },
  );
});

test("a bulk add of which one fails leaves the others added, and sending all again adds the rest", async () => {
  const events = [1, 2, 3].map(() => ({ id: createEventId(Date.now()), job }));
  const broken = `{${prefix}}:events:${String(events[1]?.id)}`;
  // Its script stops at the wrong type: an `EXISTS` is not enough for it, a dedup key of that type is.
  const dedup = { key: "wrong", windowMs: 60_000 };
  await redis.lpush(`{${prefix}}:events:de:wrong`, "x");
  const withDedup = events.map((event, n) => (n === 1 ? { ...event, dedup } : event));
  await expect(queue.enqueueMany(withDedup)).rejects.toThrow("WRONGTYPE");
  expect(await queue.depth()).toBe(2);
  await redis.del(`{${prefix}}:events:de:wrong`, broken);
  const again = await queue.enqueueMany(withDedup);
  expect(outcomes(again)).toEqual(["enqueued", "enqueued", "enqueued"]);
  expect(await queue.depth()).toBe(3);
});
