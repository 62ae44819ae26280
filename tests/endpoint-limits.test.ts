import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { insertEndpointRow } from "./insert-endpoint-row.ts";
import { publishBatch } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;
let atOnce: { now: number; most: number };

beforeEach(async () => {
  system = await startSystem();
  client = await system.createClient();
  atOnce = { now: 0, most: 0 };
  receiver = await system.startReceiver();
});

afterEach(() => system.stop());

/** Answers after a moment, and counts the requests that are open at the same time, those of the dead not among them. */
function answerAfter(ms: number) {
  receiver.respondWith(async (_webhook, res) => {
    atOnce.now += 1;
    atOnce.most = Math.max(atOnce.most, atOnce.now);
    res.once("close", () => (atOnce.now -= 1));
    await pause(ms);
    res.end();
  });
}

async function expectAllDelivered(count: number): Promise<void> {
  await eventually(async () => {
    const rows = await system.db
      .selectFrom("deliveries")
      .select("id")
      .where("status", "=", "delivered")
      .execute();
    expect(rows.length).toBe(count);
  }, 90_000);
}

test("max_in_flight holds over two workers and survives kill -9 of one; the other delivers what is left", async () => {
  await insertEndpointRow(system.db, client.organizationId, { url: receiver.url, max_in_flight: 3 });
  answerAfter(50);
  const [doomed] = await Promise.all([system.startWorker(), system.startWorker()]);
  await publishBatch(client, 150);
  await receiver.waitFor(20);
  doomed.kill("SIGKILL");
  await doomed.exited;
  await expectAllDelivered(150);
  expect(atOnce.most).toBeLessThanOrEqual(3);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(150);
}, 120_000);

test("rate_limit_per_second holds over two workers", async () => {
  const rate = 10;
  await insertEndpointRow(system.db, client.organizationId, {
    url: receiver.url,
    rate_limit_per_second: rate,
  });
  await Promise.all([system.startWorker(), system.startWorker()]);
  await publishBatch(client, 45);
  await expectAllDelivered(45);
  const times = receiver.received.map(({ receivedAt }) => receivedAt);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(3_500);
  // The way to the receiver takes one longer than the other.
  for (const from of times)
    expect(times.filter((at) => at >= from && at < from + 1_000).length).toBeLessThanOrEqual(rate + 3);
}, 120_000);

test("while the breaker is open no attempts are made and none are used up; it closes by itself", async () => {
  await insertEndpointRow(system.db, client.organizationId, {
    url: receiver.url,
    retry_schedule: [0, 3600],
  });
  receiver.respondWith((_webhook, res) => void res.writeHead(500).end());
  const worker = await system.startWorker({
    ...{ BREAKER_FAILURES: "20", BREAKER_OPEN_MS: "3000", BREAKER_MAX_OPEN_MS: "3000" },
  });
  await publishBatch(client, 250);
  await receiver.waitFor(20);
  await eventually(async () => {
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toMatch(/^triggers_open_breakers 1$/m);
    expect(metrics).toMatch(/^triggers_delivery_refusals_total\{reason="breaker"\} [1-9]/m);
  });
  receiver.respondWith((_webhook, res) => void res.end());
  const failed = receiver.received.length;
  // What was under way when it opened, and a probe or two.
  expect(failed).toBeLessThanOrEqual(20 + 10 + 3);
  await eventually(async () => {
    const rows = await system.db
      .selectFrom("deliveries")
      .select(["status", "attempts"])
      .where("status", "=", "delivered")
      .execute();
    expect(rows.length).toBe(250 - failed);
    expect(rows.every(({ attempts }) => attempts === 1)).toBe(true);
  }, 60_000);
}, 120_000);

test("a Redis that lost everything under running workers costs no delivery: parked, delayed and pending ones go out", async () => {
  await insertEndpointRow(system.db, client.organizationId, {
    url: receiver.url,
    retry_schedule: [0, 40],
    event_types: ["retried"],
  });
  const hanging = await system.startReceiver(() => undefined);
  await insertEndpointRow(system.db, client.organizationId, {
    url: hanging.url,
    event_types: ["waiting"],
    timeout_ms: 2_000,
    retry_schedule: [0, 0, 0, 0, 0, 0, 0, 0],
  });
  receiver.respondWith((_webhook, res) => void res.writeHead(500).end());
  // The breaker would keep the failing one's first attempts from being made.
  const settings = { BREAKER_FAILURES: "100000", BREAKER_OPEN_MS: "200", BREAKER_MAX_OPEN_MS: "500" };
  await Promise.all([system.startWorker(settings), system.startWorker(settings)]);
  await publishBatch(client, 150, { type: "retried" });
  await publishBatch(client, 250, { type: "waiting" });
  await hanging.waitFor(10);
  await eventually(async () => {
    const rows = await system.db
      .selectFrom("deliveries")
      .select("parked_as")
      .where("parked_as", "is not", null)
      .execute();
    expect(rows.filter(({ parked_as }) => parked_as === "retry").length).toBeGreaterThanOrEqual(50);
    expect(rows.filter(({ parked_as }) => parked_as === "first").length).toBeGreaterThanOrEqual(100);
  }, 60_000);

  await forgetRedis();
  for (const each of [receiver, hanging]) each.respondWith((_webhook, res) => void res.end());
  // Stands for the time that has to pass until they are due, and overdue.
  const now = new Date();
  // In no order of the rows: workers that are at them may stand in its way.
  await eventually(() => system.db.updateTable("deliveries").set({ next_attempt_at: now }).execute());
  await eventually(() =>
    system.db.updateTable("deliveries").set({ sweep_at: now }).where("parked_as", "is", null).execute(),
  );
  await expectAllDelivered(400);
}, 180_000);

/** FLUSHALL, but for the other test files' keys. */
async function forgetRedis(): Promise<void> {
  const redis = new Redis(system.redisUrl);
  const keys = await redis.keys(`{${system.prefix}}*`);
  await redis.del(keys);
  redis.disconnect();
}
