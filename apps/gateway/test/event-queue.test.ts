import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createEventId, type EventJob } from "@triggers/domain";
import { createTestPrefix, eventually, testEnvironment } from "@triggers/testing";
import { Redis } from "ioredis";
import { createEventQueue, type EventQueue } from "@triggers/queues";

let redis: Redis;
let queue: EventQueue;
const job: EventJob = { v: 1, org: "org", type: "a", payload: "{}" };
const newId = () => createEventId(Date.now());

beforeAll(() => {
  redis = new Redis(testEnvironment().redisUrl);
  queue = createEventQueue(redis, createTestPrefix());
});
afterAll(async () => {
  await queue.close();
  await redis.quit();
});

describe("the queue of events", () => {
  test("holds an event under its id, once however often it is sent", async () => {
    const id = newId();
    const before = await queue.depth();
    expect(await queue.enqueue(id, job)).toEqual({ outcome: "enqueued" });
    expect(await queue.enqueue(id, job)).toEqual({ outcome: "enqueued" });
    expect(await queue.find(id)).toEqual(job);
    expect(await queue.depth()).toBe(before + 1);
    expect(await queue.find(newId())).toBeUndefined();
  });

  test("names the first event of a dedup key, and sending that one again is safe", async () => {
    const [first, second] = [newId(), newId()];
    const dedup = { key: "first", windowMs: 60_000 };
    expect(await queue.enqueue(first, job, dedup)).toEqual({ outcome: "enqueued" });
    expect(await queue.enqueue(second, job, dedup)).toEqual({ outcome: "duplicate", firstId: first });
    expect(await queue.enqueue(first, job, dedup)).toEqual({ outcome: "enqueued" });
    expect(await queue.find(second)).toBeUndefined();
  });

  test("takes the same dedup key as a new event after its window", async () => {
    const dedup = { key: "window", windowMs: 100 };
    const first = newId();
    await queue.enqueue(first, job, dedup);
    expect((await queue.enqueue(newId(), job, dedup)).outcome).toBe("duplicate");
    const later = await eventually(async () => {
      const id = newId();
      expect(await queue.enqueue(id, job, dedup)).toEqual({ outcome: "enqueued" });
      return id;
    }, 5_000);
    expect(await queue.find(first)).toEqual(job);
    expect(await queue.find(later)).toEqual(job);
  });
});
