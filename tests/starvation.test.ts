import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { type ApiClient, eventually, type ReceivedWebhook, type Receiver } from "@triggers/testing";
import { insertEndpointRow } from "./insert-endpoint-row.ts";
import { publishBatch, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let busy: Receiver;
let healthy: Receiver;
let client: ApiClient;

beforeEach(async () => {
  system = await startSystem();
  busy = await system.startReceiver();
  healthy = await system.startReceiver();
  client = await system.createClient();
}, 30_000);

afterEach(() => system.stop());

const isRetry = ({ headers }: ReceivedWebhook) => headers["x-delivery-attempt"] !== "1";

test("first attempts overtake the retries that wait, though they are more than a worker makes at once", async () => {
  const url = busy.url;
  await insertEndpointRow(system.db, client.organizationId, {
    ...{ url, event_types: ["flaky"], retry_schedule: [0, 1, 3_600] },
  });
  await insertEndpointRow(system.db, client.organizationId, { url: healthy.url, event_types: ["healthy"] });
  busy.respondWith(async (webhook, res) => {
    if (isRetry(webhook)) await pause(300);
    res.writeHead(500).end();
  });
  await system.startWorker({ RETRY_CONCURRENCY: "2", BREAKER_FAILURES: "100000" });
  await publishBatch(client, 90, { type: "flaky" });
  await busy.waitFor(4, isRetry);
  for (let count = 1; count <= 3; count += 1) {
    await publishOne(client, { type: "healthy" });
    await healthy.waitFor(count);
  }
  expect(busy.received.filter(isRetry).length).toBeLessThan(45);
}, 60_000);

test("an organization's burst is overtaken by another's delivery", async () => {
  for (let count = 0; count < 8; count += 1)
    await insertEndpointRow(system.db, client.organizationId, { url: busy.url });
  busy.respondWith(async (_webhook, res) => {
    await pause(40);
    res.end();
  });
  const other = await system.createClient(healthy.url);
  await system.startWorker({ DELIVERY_CONCURRENCY: "4" });
  await publishBatch(client, 100);
  await busy.waitFor(20);
  await publishOne(other);
  await healthy.waitFor(1);
  expect(busy.received.length).toBeLessThan(400);
}, 60_000);

test("one subscriber's backlog is overtaken by another's deliveries", async () => {
  const insert = (subscriber: string, url: string) =>
    insertEndpointRow(system.db, client.organizationId, { url, subscriber });
  await insert("ada", busy.url);
  await insert("bob", healthy.url);
  busy.respondWith(async (_webhook, res) => {
    await pause(1_500);
    res.end();
  });
  await system.startWorker({ DELIVERY_CONCURRENCY: "20" });
  await publishBatch(client, 300, { subscriber: "ada" });
  await eventually(async () => {
    const rows = await system.db.selectFrom("deliveries").select("event_id").execute();
    expect(rows).toHaveLength(300);
  }, 60_000);
  const before = busy.received.length;
  for (let count = 1; count <= 3; count += 1) {
    await publishBatch(client, 10, { subscriber: "bob" });
    await healthy.waitFor(10 * count);
  }
  const after = busy.received.length;
  // More waits there than had come meanwhile.
  expect(after).toBeLessThan(250);
  expect(after - before).toBeLessThan(120);
}, 120_000);

test("a subscriber whose endpoint never answers keeps its own slots, and another's deliveries go out", async () => {
  const insert = (subscriber: string, url: string) =>
    insertEndpointRow(system.db, client.organizationId, { url, subscriber, timeout_ms: 30_000 });
  await insert("ada", busy.url);
  await insert("bob", healthy.url);
  busy.respondWith(() => undefined);
  await system.startWorker({ DELIVERY_CONCURRENCY: "20" });
  await publishBatch(client, 300, { subscriber: "ada" });
  await busy.waitFor(10);
  for (let count = 1; count <= 3; count += 1) {
    await publishBatch(client, 10, { subscriber: "bob" });
    await healthy.waitFor(10 * count);
  }
  // Ten, and one or two more where the machine is so slow that some have timed out.
  expect(busy.received.length).toBeLessThan(100);
}, 120_000);
