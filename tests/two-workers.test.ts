import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { findUnrecorded, receivedIds, repeatsOf } from "./attempts-of.ts";
import { insertEndpointRow } from "./insert-endpoint-row.ts";
import { letAMinutePass } from "./let-a-minute-pass.ts";
import { startOwnRedis } from "./own-redis.ts";
import { publishBatch } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

/** Several windows of 100. */
const eventCount = 600;
const settings = { CLAIM_MS: "2000", SWEEP_INTERVAL_MS: "100" };
/** So that all is stored before much is delivered. */
const answering = Promise.withResolvers<undefined>();
let redis: Awaited<ReturnType<typeof startOwnRedis>>;
let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeAll(async () => {
  redis = await startOwnRedis();
  system = await startSystem({ redisUrl: redis.url });
  receiver = await system.startReceiver(async (_webhook, res) => {
    await answering.promise;
    // Some are still under way when others ask for the same again.
    await pause(receiver.received.length % 10 === 0 ? 1_500 : 30);
    res.end();
  });
  client = await system.createClient();
  await insertEndpointRow(system.db, client.organizationId, {
    ...{ url: receiver.url, max_in_flight: 20, timeout_ms: 30_000 },
  });
}, 60_000);

afterAll(async () => {
  await system.stop();
  await redis.stop();
});

const deliveriesWith = (status: "pending" | "delivered") =>
  system.db.selectFrom("deliveries").select("event_id").where("status", "=", status).execute();

test("two workers, a kill -9 and a FLUSHALL, with more than a window holds: nothing is lost or under way twice", async () => {
  await publishBatch(client, eventCount);
  const [doomed] = await Promise.all([system.startWorker(settings), system.startWorker(settings)]);
  await eventually(async () => {
    const rows = await system.db.selectFrom("events").select("id").execute();
    expect(rows).toHaveLength(eventCount);
  }, 30_000);
  answering.resolve(undefined);
  await receiver.waitFor(60);
  doomed.kill("SIGKILL");
  await doomed.exited;
  const inFlight = await findUnrecorded(system.db, receiver);
  await system.startWorker(settings);
  await receiver.waitFor(receiver.received.length + 30);
  await redis.client.flushall();
  expect((await deliveriesWith("pending")).length).toBeGreaterThan(100);
  // Minute after minute, also what is under way is offered again.
  let passedAt = -Infinity;
  await eventually(async () => {
    if (performance.now() - passedAt > 500) {
      await letAMinutePass(system);
      passedAt = performance.now();
    }
    expect(await deliveriesWith("delivered")).toHaveLength(eventCount);
  }, 60_000);

  const ids = receivedIds(receiver);
  expect(new Set(ids).size).toBe(eventCount);
  expect([...inFlight]).toEqual(expect.arrayContaining(repeatsOf(ids)));
  expect(Math.max(...ids.map((id) => receiver.mostAtOnce(id)))).toBe(1);
}, 120_000);
