import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createEventId, type EventJob } from "@triggers/domain";
import { createEventQueue, type EventQueue } from "@triggers/queues";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { publishMany, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;
let redis: Redis;
let queue: EventQueue;

beforeAll(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
  redis = new Redis(system.redisUrl);
  queue = createEventQueue(redis, system.prefix);
}, 30_000);

afterAll(async () => {
  await queue.close();
  redis.disconnect();
  await system.stop();
});

/** What no gateway would let through: it goes on the queue directly. */
async function enqueue(job: Record<string, unknown>): Promise<string> {
  const id = createEventId(Date.now());
  const whole = { v: 1, org: client.organizationId, type: "order.created", payload: "{}", ...job };
  await queue.enqueue(id, whole as unknown as EventJob);
  return id;
}

const deadLetterOf = (id: string) =>
  system.db.selectFrom("dead_letters").selectAll().where("event_id", "=", id).executeTakeFirst();

test("events that can never be stored become dead letters, and the others of their batch are persisted", async () => {
  const before = await publishMany(client, 249);
  const poison = {
    "a NUL in the payload": await enqueue({ payload: '{"a":"\0"}' }),
    "a NUL in the type": await enqueue({ type: "order\0created" }),
    "an organization that is none": await enqueue({ org: "acme" }),
    "a time that no calendar has": await enqueue({ at: 1e300 }),
  };
  const after = await publishMany(client, 250);
  await system.startWorker();

  await receiver.waitFor(499);
  for (const [what, id] of Object.entries(poison)) {
    await eventually(async () => expect([what, await deadLetterOf(id)]).toEqual([what, expect.anything()]));
  }
  const letter = await deadLetterOf(poison["a NUL in the payload"]);
  expect(letter).toMatchObject({ organization_id: client.organizationId, error_code: "22021" });
  expect(JSON.parse(String(letter?.job))).toMatchObject({ payload: '{"a":"\0"}', type: "order.created" });
  const stored = (await system.db.selectFrom("events").select("id").execute()).map(({ id }) => id);
  expect(stored.sort()).toEqual([...before, ...after].sort());
  await eventually(async () => expect(await queue.depth()).toBe(0));
}, 60_000);

test.each([
  ["no payload", { payload: undefined }],
  ["a payload that is no text", { payload: { a: 1 } }],
  ["no version", { v: undefined }],
  ["a version that never was", { v: 0 }],
])("a job with %s becomes a dead letter", async (_what, job) => {
  const id = await enqueue(job);
  await eventually(async () =>
    expect(await deadLetterOf(id)).toMatchObject({ reason: "the job's data is malformed" }),
  );
});

test("a job of a newer version is left alone: it waits for a worker that knows it", async () => {
  const id = await enqueue({ v: 2 });
  const next = await publishOne(client);
  await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === next);
  await eventually(async () =>
    expect(await redis.zscore(`{${system.prefix}}:events:delayed`, id)).not.toBeNull(),
  );
  expect(await deadLetterOf(id)).toBeUndefined();
  expect(await queue.find(id)).toMatchObject({ v: 2 });
});

test("an event of a day that has no partition yet is persisted all the same", async () => {
  const inAMonth = createEventId(Date.now() + 30 * 86_400_000);
  await queue.enqueue(inAMonth, { v: 1, org: client.organizationId, type: "order.created", payload: "{}" });
  const [webhook] = await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === inAMonth);
  expect(webhook).toBeDefined();
  await eventually(async () => {
    const row = await system.db
      .selectFrom("deliveries")
      .select("status")
      .where("event_id", "=", inAMonth)
      .executeTakeFirst();
    expect(row).toEqual({ status: "delivered" });
  });
});
