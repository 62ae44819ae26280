import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createEventId, createId, createSecretBox, createSigningSecret } from "@triggers/domain";
import { createEventQueue } from "@triggers/queues";
import { type ApiClient, type AppProcess, eventually, type Receiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let failing: Receiver;
let told: Receiver;
let client: ApiClient;
let worker: AppProcess;
let failingId: string;

beforeEach(async () => {
  system = await startSystem();
  failing = await system.startReceiver((_webhook, res) => void res.writeHead(500).end());
  told = await system.startReceiver();
  client = await system.createClient();
  const { body } = await client.request("POST", "/api/webhook/config", { webhook_url: failing.url });
  failingId = (body as { endpoint_id: string }).endpoint_id;
  await system.db
    .updateTable("endpoints")
    .set({ retry_schedule: [0, 0] })
    .execute();
  worker = await system.startWorker();
});

afterEach(() => system.stop());

/** An endpoint that names these types. */
async function tell(url: string, eventTypes: string[]): Promise<void> {
  const id = createId();
  const box = createSecretBox([Buffer.alloc(32, 7)]);
  await system.db
    .insertInto("endpoints")
    .values({
      ...{ id, organization_id: client.organizationId, url, event_types: eventTypes },
      ...{ sealed_secret: box.seal(createSigningSecret(), id), retry_schedule: [0] },
    })
    .execute();
}

const bodiesOf = (receiver: Receiver) =>
  receiver.received.map(({ body }) => JSON.parse(body.toString()) as { type: string; data: object });
const eventsOf = async (type: string) =>
  (await client.request("GET", `/api/events?event_type=${type}`)).body as { events: { id: string }[] };
const waitForFailed = (count: number) =>
  eventually(async () => {
    const { body } = await client.request("GET", "/api/deliveries?status=failed");
    expect(body.deliveries).toHaveLength(count);
  });

test("a delivery that has failed is told of once to the endpoints that name it, and to no other", async () => {
  await tell(told.url, ["delivery.*"]);
  const eventId = await publishOne(client, { subscriber: "bob" });
  const [notice] = await told.waitFor(1);
  expect(bodiesOf(told)[0]).toMatchObject({
    type: "delivery.failed",
    data: {
      ...{ event_id: eventId, event_type: "order.created", subscriber: "bob", endpoint_id: failingId },
      ...{ attempts: 2, response_status: 500, error_code: "http_status" },
    },
  });
  await waitForFailed(1);
  expect(told.received).toHaveLength(1);
  // `webhook/config` without types is `*`, which does not match it.
  expect(bodiesOf(failing).map(({ type }) => type)).toEqual(["order.created", "order.created"]);
  const id = String(notice?.headers["webhook-id"]);
  expect((await client.request("GET", `/api/events/${id}`)).body).toMatchObject({ type: "delivery.failed" });
  // It is no consumer's work.
  const inbox = await client.request("GET", "/api/inbox");
  expect(inbox.body.events).toMatchObject([{ id: eventId }]);
});

test("nothing is made that nobody asked for", async () => {
  await tell(told.url, ["order.created"]);
  await publishOne(client);
  await waitForFailed(1);
  expect((await eventsOf("delivery.failed")).events).toEqual([]);
  expect(await system.db.selectFrom("operational_events").selectAll().execute()).toEqual([]);
});

test("an operational event that cannot be delivered causes no further one", async () => {
  told.respondWith((_webhook, res) => void res.writeHead(500).end());
  await tell(told.url, ["delivery.failed", "endpoint.disabled"]);
  await publishOne(client);
  await waitForFailed(2);
  told.respondWith((_webhook, res) => void res.writeHead(410).end());
  await publishOne(client);
  await waitForFailed(4);
  await eventually(async () => {
    const rows = await system.db.selectFrom("endpoints").select("enabled").execute();
    expect(rows.map(({ enabled }) => enabled).sort()).toEqual([false, true]);
  });
  expect((await eventsOf("delivery.failed")).events).toHaveLength(2);
  expect((await eventsOf("endpoint.disabled")).events).toEqual([]);
});

test("an endpoint that was disabled by its answer is told of", async () => {
  await tell(told.url, ["endpoint.disabled"]);
  failing.respondWith((_webhook, res) => void res.writeHead(410).end());
  await publishOne(client);
  await told.waitFor(1);
  expect(bodiesOf(told)).toMatchObject([
    {
      type: "endpoint.disabled",
      data: { endpoint_id: failingId, name: "default", url: new URL(failing.url).href, reason: "gone" },
    },
  ]);
});

test("an event that can never be stored is told of", async () => {
  await tell(told.url, ["event.*"]);
  const redis = new Redis(system.redisUrl);
  const queue = createEventQueue(redis, system.prefix);
  const id = createEventId(Date.now());
  // What no gateway would let through.
  await queue.enqueue(id, { v: 1, org: client.organizationId, type: "a.b", payload: '{"a":"\0"}' });
  await told.waitFor(1);
  expect(bodiesOf(told)).toMatchObject([
    { type: "event.dead_lettered", data: { event_id: id, event_type: "a.b" } },
  ]);
  await queue.close();
  redis.disconnect();
});

test("what a dying worker leaves untold is told by the next one, once", async () => {
  await tell(told.url, ["delivery.failed"]);
  await worker.stop();
  const crashing = await system.startCrashWorker("deliver: recorded", {});
  await publishOne(client);
  // The first attempt is recorded; its retry's record is the failure.
  expect(await crashing.exited).toBe("SIGKILL");
  const second = await system.startCrashWorker("announce: queued");
  await system.db
    .updateTable("deliveries")
    .set({ sweep_at: new Date(0) })
    .execute();
  expect(await second.exited).toBe("SIGKILL");
  const long = new Date(Date.now() - 120_000);
  await system.db.updateTable("operational_events").set({ created_at: long }).execute();
  await system.startWorker();
  await told.waitFor(1);
  await eventually(async () =>
    expect(await system.db.selectFrom("operational_events").selectAll().execute()).toEqual([]),
  );
  expect((await eventsOf("delivery.failed")).events).toHaveLength(1);
  expect(told.received).toHaveLength(1);
});
