import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { createId, createEventId } from "@triggers/domain";
import {
  type Consumer,
  type ConsumerOptions,
  createConsumer,
  createEventQueue,
  type EventQueue,
} from "@triggers/queues";
import { createTestPrefix, eventually, testEnvironment } from "@triggers/testing";
import { Redis } from "ioredis";

let redis: Redis;
let prefix: string;
let queue: EventQueue;
let consumers: Consumer[] = [];
const errors: Error[] = [];

beforeAll(() => {
  redis = new Redis(testEnvironment().redisUrl, { maxRetriesPerRequest: null });
});

beforeEach(() => {
  prefix = createTestPrefix();
  queue = createEventQueue(redis, prefix);
});

afterEach(async () => {
  await Promise.all(consumers.map((consumer) => consumer.close()));
  consumers = [];
  await queue.close();
  expect(errors.splice(0)).toEqual([]);
});

afterAll(() => {
  redis.disconnect();
});

function consume(process: ConsumerOptions["process"], more: Partial<ConsumerOptions> = {}): Consumer {
  const consumer = createConsumer({
    ...{ queueName: "events", connection: redis, prefix, concurrency: 1_000, keepsFailed: true, process },
    onError: (error) => errors.push(error),
    ...more,
  });
  consumers.push(consumer);
  return consumer;
}

const addJobs = (count: number) =>
  queue.enqueueMany(
    Array.from({ length: count }, () => ({
      id: createEventId(Date.now()),
      job: { v: 1 as const, org: createId(), type: "order.created", payload: "{}" },
    })),
  );

const depth = () => queue.depth();

test("a job begins while those that were added with it still wait in the queue", async () => {
  await addJobs(500);
  const waiting: number[] = [];
  consume(async () => {
    if (waiting.length === 0) waiting.push(await redis.llen(`{${prefix}}:events:wait`));
  });
  await eventually(async () => expect(await depth()).toBe(0));
  expect(waiting[0]).toBeGreaterThan(300);
});

test("never has more jobs in hand than it may, and gets through all of them", async () => {
  await addJobs(200);
  let [inHand, most, done] = [0, 0, 0];
  consume(
    async () => {
      most = Math.max(most, ++inHand);
      await pause(1);
      inHand -= 1;
      done += 1;
    },
    { concurrency: 7 },
  );
  await eventually(async () => expect(await depth()).toBe(0));
  expect([most, done]).toEqual([7, 200]);
});

test("a job that takes longer than its lock stays with its worker", async () => {
  const timers = { lockMs: 400, stalledCheckMs: 100 };
  let runs = 0;
  const run = async () => {
    runs += 1;
    await pause(1_500);
  };
  for (let worker = 0; worker < 2; worker += 1) consume(run, timers);
  await addJobs(1);
  await eventually(async () => expect(await depth()).toBe(0));
  expect(runs).toBe(1);
});

test("an idle one closes at once", async () => {
  const consumer = consume(() => Promise.resolve());
  await addJobs(1);
  await eventually(async () => expect(await depth()).toBe(0));
  const startedAt = performance.now();
  await consumer.close();
  // It waits five seconds at a time for the next job.
  expect(performance.now() - startedAt).toBeLessThan(3_500);
});

test("one that closes finishes what it has in hand, begins nothing, and leaves the rest to others", async () => {
  await addJobs(20);
  const release = Promise.withResolvers<undefined>();
  let begun = 0;
  const consumer = consume(
    async () => {
      begun += 1;
      await release.promise;
    },
    { concurrency: 3 },
  );
  await eventually(() => expect(begun).toBe(3));
  const closed = consumer.close();
  release.resolve(undefined);
  await closed;
  expect([begun, await depth()]).toEqual([3, 17]);
  expect(await redis.llen(`{${prefix}}:events:active`)).toBe(0);
  consume(() => Promise.resolve());
  await eventually(async () => expect(await depth()).toBe(0));
});

test("a job that is put off comes back", async () => {
  await addJobs(1);
  const runs: number[] = [];
  consume(async (job) => {
    runs.push(performance.now());
    if (runs.length === 1) await job.postpone(300);
  });
  await eventually(async () => expect(await depth()).toBe(0));
  expect(runs).toHaveLength(2);
  expect(Number(runs[1]) - Number(runs[0])).toBeGreaterThan(250);
});
