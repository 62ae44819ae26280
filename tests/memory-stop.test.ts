import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { startOwnRedis } from "./own-redis.ts";
import { publishBatch, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let redis: Awaited<ReturnType<typeof startOwnRedis>>;
let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeAll(async () => {
  redis = await startOwnRedis();
  // So much that a few connections more or less do not count.
  await redis.client.set("ballast", Buffer.alloc(40_000_000));
  system = await startSystem({ redisUrl: redis.url });
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
  await system.startWorker();
}, 60_000);

afterAll(async () => {
  await system.stop();
  await redis.stop();
});

/** Leaves so much of the memory's limit used. */
async function fillTo(share: number): Promise<void> {
  const used = Number(/^used_memory:(\d+)/m.exec(await redis.client.info("memory"))?.[1]);
  await redis.client.config("SET", "maxmemory", String(Math.round(used / share)));
}

const countDeliveries = async (which: "parked" | "delivered") => {
  const rows = system.db.selectFrom("deliveries").select("event_id");
  const found =
    which === "parked" ? rows.where("parked_as", "=", "first") : rows.where("status", "=", "delivered");
  return (await found.execute()).length;
};

test("above 70 % of Redis' memory events are taken and stored, and no delivery job enters Redis; below, all go out", async () => {
  await publishOne(client);
  await receiver.waitFor(1);
  await fillTo(0.725);
  let published = 1;
  // It is looked at once in a second.
  await eventually(async () => {
    await publishOne(client);
    published += 1;
    expect(await countDeliveries("parked")).toBeGreaterThan(0);
  });
  const before = receiver.received.length;
  await publishBatch(client, 200);
  await eventually(async () => expect(await countDeliveries("parked")).toBeGreaterThanOrEqual(200));
  // Sweeps go by, five in a second.
  const sweptUntil = performance.now() + 2_000;
  while (performance.now() < sweptUntil) {
    expect(await redis.client.keys(`{${system.prefix}}:deliveries:*-s0`)).toEqual([]);
    await publishOne(client);
    published += 1;
  }
  expect(receiver.received).toHaveLength(before);
  await fillTo(0.5);
  await eventually(async () => expect(await countDeliveries("delivered")).toBe(published + 200), 30_000);
  expect(receiver.received).toHaveLength(published + 200);
}, 90_000);
