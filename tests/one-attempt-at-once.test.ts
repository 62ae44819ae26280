import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { createDeliveryQueues } from "@triggers/queues";
import { createId } from "@triggers/domain";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { publishMany } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const answerMs = 2_000;
let system: System;
let receiver: Receiver;
let client: ApiClient;
let redis: Redis;

beforeAll(async () => {
  system = await startSystem();
  receiver = await system.startReceiver(async (_webhook, res) => {
    await pause(answerMs);
    res.end();
  });
  client = await system.createClient(receiver.url);
  await system.db.updateTable("endpoints").set({ max_in_flight: 20 }).execute();
  redis = new Redis(system.redisUrl);
}, 30_000);

afterAll(async () => {
  redis.disconnect();
  await system.stop();
});

test("two workers never attempt one delivery at once, though the answer takes longer than a claim and jobs are doubled", async () => {
  const settings = { CLAIM_MS: "600", SWEEP_INTERVAL_MS: "50" };
  await Promise.all([system.startWorker(settings), system.startWorker(settings)]);
  const ids = await publishMany(client, 20);
  await receiver.waitFor(ids.length);

  // The same step under other job ids: what a queue that lost its memory, or a faulty sweeper, would bring about.
  const deliveries = await system.db.selectFrom("deliveries").selectAll().execute();
  expect(deliveries.map(({ status }) => status)).toEqual(ids.map(() => "pending"));
  const queues = createDeliveryQueues(redis, system.prefix);
  for (let copy = 0; copy < 5; copy += 1) {
    await queues.enqueue(
      deliveries.map(({ event_id, endpoint_id, schedule_step }) => ({
        deliveryId: createId(),
        eventId: event_id,
        endpointId: endpoint_id,
        scheduleStep: schedule_step,
        delayMs: 0,
      })),
    );
  }
  await system.db.updateTable("deliveries").set({ sweep_at: new Date() }).execute();

  await eventually(async () => {
    const rows = await system.db.selectFrom("deliveries").select(["status", "attempts"]).execute();
    expect(rows).toEqual(ids.map(() => ({ status: "delivered", attempts: 1 })));
  });
  await eventually(async () => {
    const counts = await countJobs();
    expect(counts).toBe(0);
  });
  expect(ids.map((id) => receiver.mostAtOnce(id))).toEqual(ids.map(() => 1));
  expect(receiver.received).toHaveLength(ids.length);
  await queues.close();
});

async function countJobs(): Promise<number> {
  const keys = await Promise.all(
    ["deliveries", "retries"].map((queue) => redis.keys(`{${system.prefix}}:${queue}:*-s*`)),
  );
  return keys.flat().length;
}
