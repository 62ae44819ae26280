import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { insertEndpointRow } from "./insert-endpoint-row.ts";
import { publishBatch, publishMany } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

/** Of one kind; a default endpoint's. */
const windowSize = 100;
let system: System;
let redis: Redis;
let healthy: Receiver;
let client: ApiClient;

beforeAll(async () => {
  system = await startSystem();
  redis = new Redis(system.redisUrl);
  healthy = await system.startReceiver();
  client = await system.createClient();
  await insertEndpointRow(system.db, client.organizationId, { url: healthy.url, event_types: ["healthy"] });
  await system.startWorker();
}, 60_000);

afterAll(async () => {
  redis.disconnect();
  await system.stop();
});

/** Deliveries that have a job in Redis, by the endpoint that they go to. */
async function countJobsOf(endpointId: string): Promise<number> {
  const keys = await redis.keys(`{${system.prefix}}:*:*-s*`);
  const ids = keys.map((key) => key.split(":")[2]?.slice(0, 36) ?? "");
  if (ids.length === 0) return 0;
  const rows = await system.db
    .selectFrom("deliveries")
    .select("id")
    .where("endpoint_id", "=", endpointId)
    .where("id", "in", ids)
    .execute();
  return rows.length;
}

test("an endpoint that never answers keeps its slots and its window, and 2 000 that wait for it delay no other", async () => {
  const hanging = await system.startReceiver(() => undefined);
  const endpointId = await insertEndpointRow(system.db, client.organizationId, {
    url: hanging.url,
    event_types: ["hanging"],
    timeout_ms: 30_000,
  });
  await publishBatch(client, 2_000, { type: "hanging" });
  await hanging.waitFor(10);
  for (let round = 1; round <= 5; round += 1) {
    await publishMany(client, 20, "healthy");
    await healthy.waitFor(20 * round);
    expect(await countJobsOf(endpointId)).toBeLessThanOrEqual(windowSize);
  }
  // All the others are Postgres' alone, and have not been touched.
  await eventually(async () => {
    const { parked } = await system.db
      .selectFrom("deliveries")
      .select(({ fn }) => fn.countAll<number>().as("parked"))
      .where("endpoint_id", "=", endpointId)
      .where("parked_as", "=", "first")
      .where("attempts", "=", 0)
      .executeTakeFirstOrThrow();
    expect(parked).toBeGreaterThanOrEqual(2_000 - windowSize);
  }, 30_000);
  expect(hanging.received.length).toBe(10);
}, 120_000);
