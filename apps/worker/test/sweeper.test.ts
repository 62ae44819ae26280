import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { createPartitions, daysAhead, electLeader, type LeaderElection } from "@triggers/db";
import { createEventId, createId, deliveryIdOf, deliveryJobId, queueNames } from "@triggers/domain";
import { createConsumer } from "@triggers/queues";
import { createTestDatabase, eventually } from "@triggers/testing";
import { startSweeper } from "../src/sweep/sweeper.ts";
import { createWorkerParts, type WorkerParts } from "./worker-parts.ts";

let parts: WorkerParts;
let stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  parts = await createWorkerParts();
  await createPartitions(parts.db, daysAhead(Date.now(), 0));
});

afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
});

afterAll(() => parts.stop());

const sweep = () => stops.push(startSweeper({ ...parts, intervalMs: 50 }));

async function insertDeliveries(count: number, sweepAt: Date, status: "pending" | "delivered" = "pending") {
  const rows = Array.from({ length: count }, () => {
    const [eventId, endpointId] = [createEventId(Date.now()), createId()];
    return {
      id: deliveryIdOf(eventId, endpointId),
      event_id: eventId,
      endpoint_id: endpointId,
      organization_id: createId(),
      status,
      sweep_at: sweepAt,
    };
  });
  await parts.db.insertInto("deliveries").values(rows).execute();
  return rows.map(({ id }) => id);
}

const jobExists = (deliveryId: string) =>
  parts.redis.exists(`{${parts.prefix}}:deliveries:${deliveryJobId(deliveryId, 0)}`);

test("partitions are made a week ahead, for each of the three tables", async () => {
  sweep();
  const expected = daysAhead(Date.now(), 7).map((day) =>
    new Date(day).toISOString().slice(0, 10).replaceAll("-", ""),
  );
  await eventually(async () => {
    const tables = await parts.db.introspection.getTables();
    const names = tables.map(({ name }) => name);
    for (const parent of ["events", "deliveries", "attempts"]) {
      expect(names).toEqual(expect.arrayContaining(expected.map((day) => `${parent}_${day}`)));
    }
  });
});

test("overdue deliveries are enqueued again, more than a page of them in one pass; the others are left alone", async () => {
  const overdue = await insertDeliveries(1_200, new Date(Date.now() - 1_000));
  const [notYet] = await insertDeliveries(1, new Date(Date.now() + 60_000));
  const [over] = await insertDeliveries(1, new Date(Date.now() - 1_000), "delivered");
  sweep();
  await eventually(async () => {
    const found = await Promise.all(overdue.map(jobExists));
    expect(found.filter((exists) => exists === 0)).toEqual([]);
  });
  expect(await jobExists(notYet ?? "")).toBe(0);
  expect(await jobExists(over ?? "")).toBe(0);
});

test("what was swept is left alone for a minute, then swept again if it is still open", async () => {
  const [id = ""] = await insertDeliveries(1, new Date(Date.now() - 1_000));
  sweep();
  await eventually(async () => expect(await jobExists(id)).toBe(1));
  const row = await parts.db
    .selectFrom("deliveries")
    .select("sweep_at")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const aheadMs = Number(row.sweep_at) - Date.now();
  expect(aheadMs).toBeGreaterThan(50_000);
  expect(aheadMs).toBeLessThanOrEqual(60_000);
});

test("an event job that failed goes back to the persist step, which alone decides on it", async () => {
  let runs = 0;
  const consumer = createConsumer({
    queueName: queueNames.events,
    connection: parts.redis,
    prefix: parts.prefix,
    concurrency: 1,
    keepsFailed: true,
    process: ({ failures }) => {
      runs += 1;
      return failures === 0 ? Promise.reject(new Error("unforeseen")) : Promise.resolve();
    },
    onError: () => undefined,
    stalledCheckMs: 100,
  });
  stops.push(() => consumer.close());
  const id = createEventId(Date.now());
  await parts.eventQueue.enqueue(id, { v: 1, org: createId(), type: "a", payload: "{}" });
  await eventually(() => expect(runs).toBe(1));
  sweep();
  await eventually(() => expect(runs).toBe(2));
  await eventually(async () => expect(await parts.eventQueue.find(id)).toBeUndefined());
});

test("a job whose consumer is gone comes back and tells how often that happened", async () => {
  const stalls: number[] = [];
  const start = (process: () => Promise<void>) =>
    createConsumer({
      queueName: queueNames.events,
      connection: parts.redis,
      prefix: parts.prefix,
      concurrency: 1,
      keepsFailed: true,
      process: (job) => {
        stalls.push(job.stalls);
        return process();
      },
      onError: () => undefined,
      lockMs: 200,
      stalledCheckMs: 100,
    });
  await parts.eventQueue.enqueue(createEventId(Date.now()), {
    v: 1,
    org: createId(),
    type: "a",
    payload: "{}",
  });
  const dying = start(() => new Promise(() => undefined));
  await eventually(() => expect(stalls).toEqual([0]));
  await dying.abandon();
  const next = start(() => Promise.resolve());
  stops.push(() => next.close());
  await eventually(() => expect(stalls).toEqual([0, 1]));
});

test("how often a job has run alone outlives its workers, and is not told of a job that has ended", async () => {
  const seen: number[] = [];
  const ends: (() => void)[] = [];
  const id = createEventId(Date.now());
  const start = () =>
    createConsumer({
      ...{ queueName: queueNames.events, connection: parts.redis, prefix: parts.prefix },
      ...{ concurrency: 1, keepsFailed: true, lockMs: 200, stalledCheckMs: 100, onError: () => undefined },
      async process(job) {
        seen.push(job.timesAlone);
        await job.noteAlone();
        await new Promise<void>((resolve) => ends.push(resolve));
        await job.noteAlone();
      },
    });
  await parts.eventQueue.enqueue(id, { v: 1, org: createId(), type: "a", payload: "{}" });
  const dying = start();
  await eventually(() => expect(ends).toHaveLength(1));
  await dying.abandon();
  const next = start();
  stops.push(() => next.close());
  await eventually(() => expect(ends).toHaveLength(2));
  expect(seen).toEqual([0, 1]);
  ends[1]?.();
  await eventually(async () => expect(await parts.eventQueue.find(id)).toBeUndefined());
  ends[0]?.();
  await next.close();
  expect(await parts.redis.exists(`{${parts.prefix}}:events:${id}`)).toBe(0);
});

test("one of several candidates leads at a time; the next takes over when its connection or its will ends", async () => {
  const database = await createTestDatabase();
  const terms: string[] = [];
  let leading = 0;
  const candidate = (name: string): LeaderElection =>
    electLeader({
      url: database.url,
      applicationName: `leader-${name}`,
      lockName: "test",
      retryMs: 50,
      onElected: () => {
        leading += 1;
        expect(leading).toBe(1);
        terms.push(name);
        return () => Promise.resolve(void (leading -= 1));
      },
      onError: () => undefined,
    });
  const first = candidate("first");
  await eventually(() => expect(terms).toEqual(["first"]));
  const second = candidate("second");
  await first.stop();
  await eventually(() => expect(terms).toEqual(["first", "second"]));
  await second.stop();
  expect(leading).toBe(0);
  await database.drop();
});
