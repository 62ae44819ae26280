import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeEach(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
});

afterEach(() => system.stop());

const statusOf = async (eventId: string) => {
  const rows = await system.db
    .selectFrom("deliveries")
    .select("status")
    .where("event_id", "=", eventId)
    .execute();
  return rows.map(({ status }) => status);
};
const webhookConfig = async () => (await client.request("GET", "/api/webhook/config")).body as unknown;
const saveWebhook = (url: string) => client.request("POST", "/api/webhook/config", { webhook_url: url });
const receivedOf = (id: string) => receiver.received.filter(({ headers }) => headers["webhook-id"] === id);

test("410 fails the delivery and disables the endpoint; what waits is parked until it is enabled again", async () => {
  await system.startWorker();
  await system.db
    .updateTable("endpoints")
    .set({ retry_schedule: [0, 1, 3600] })
    .execute();
  receiver.respondWith((_webhook, res) => void res.writeHead(500).end());
  const waiting = await publishOne(client);
  await eventually(async () => expect(await statusOf(waiting)).toEqual(["retrying"]));

  receiver.respondWith((_webhook, res) => void res.writeHead(410).end());
  const refused = await publishOne(client);
  await eventually(async () =>
    expect(await webhookConfig()).toMatchObject({ enabled: false, disabled_reason: "gone" }),
  );
  expect(await statusOf(refused)).toEqual(["failed"]);
  const meanwhile = await publishOne(client);
  await eventually(async () => expect(await statusOf(meanwhile)).toEqual(["skipped"]));

  // Its step comes while the endpoint is disabled: a claim that is given back without an attempt.
  await eventually(async () => {
    const row = await system.db
      .selectFrom("deliveries")
      .selectAll()
      .where("event_id", "=", waiting)
      .executeTakeFirst();
    expect(row).toMatchObject({ status: "retrying", attempts: 1, claim_id: null });
    expect(Number(row?.sweep_at)).toBeGreaterThan(Date.now() + 5 * 3_600_000);
  });
  expect(receivedOf(waiting)).toHaveLength(1);

  receiver.respondWith((_webhook, res) => void res.end());
  expect((await saveWebhook(receiver.url)).status).toBe(200);
  await eventually(async () => expect(await statusOf(waiting)).toEqual(["delivered"]));
  expect(await webhookConfig()).toMatchObject({ enabled: true, disabled_reason: null, disabled_at: null });
  expect(await statusOf(meanwhile)).toEqual(["skipped"]);
  expect(await statusOf(refused)).toEqual(["failed"]);
});

test("a retry goes to the URL that is current when it is made", async () => {
  await system.startWorker();
  await system.db
    .updateTable("endpoints")
    .set({ retry_schedule: [0, 1, 3600] })
    .execute();
  receiver.respondWith((_webhook, res) => void res.writeHead(500).end());
  const id = await publishOne(client);
  await eventually(async () => expect(await statusOf(id)).toEqual(["retrying"]));
  const moved = await system.startReceiver();
  expect((await saveWebhook(moved.url)).status).toBe(200);
  const [webhook] = await moved.waitFor(1);
  expect(webhook?.headers).toMatchObject({ "webhook-id": id, "x-delivery-attempt": "2" });
});

test("deleting an endpoint cancels what waits and what is in flight; later events get no delivery", async () => {
  await system.startWorker();
  let answer: (() => void) | undefined;
  receiver.respondWith((webhook, res) => {
    if (webhook.headers["x-event-type"] === "slow") answer = () => void res.end();
    else res.writeHead(500).end();
  });
  await system.db
    .updateTable("endpoints")
    .set({ retry_schedule: [0, 3600] })
    .execute();
  const waiting = await publishOne(client);
  const inFlight = await publishOne(client, { type: "slow" });
  await receiver.waitFor(2);
  await eventually(async () => expect(await statusOf(waiting)).toEqual(["retrying"]));

  expect((await client.request("DELETE", "/api/webhook/config")).status).toBe(204);
  answer?.();
  const later = await publishOne(client);
  await eventually(async () =>
    expect((await client.request("GET", `/api/events/${later}`)).body).toMatchObject({
      status: "pending",
      delivery_status: "none",
    }),
  );
  expect(await statusOf(waiting)).toEqual(["cancelled"]);
  expect(await statusOf(inFlight)).toEqual(["cancelled"]);
  expect((await client.request("GET", `/api/events/${waiting}`)).body).toMatchObject({
    delivery_status: "cancelled",
    deliveries: [{ status: "cancelled", next_attempt_at: null }],
  });
});

test("a delivery of a deleted endpoint that nobody cancelled is cancelled when a worker meets it", async () => {
  const doomed = await system.startCrashWorker("persist: committed");
  const id = await publishOne(client);
  await doomed.exited;
  await system.db.updateTable("endpoints").set({ deleted_at: new Date(), enabled: false }).execute();
  await system.startWorker();
  await eventually(async () => expect(await statusOf(id)).toEqual(["cancelled"]));
  expect(receiver.received).toEqual([]);
});

test("a worker that lacks the key of an endpoint's secret sends nothing; one that has it delivers what waited", async () => {
  const keyless = await system.startWorker({ SECRET_KEYS: Buffer.alloc(32, 9).toString("base64") });
  const id = await publishOne(client);
  await eventually(() => expect(keyless.log.map(({ message }) => message)).toContain("a consumer failed"));
  expect(await keyless.stop()).toBe(0);
  expect(await statusOf(id)).toEqual(["pending"]);
  expect(receiver.received).toEqual([]);

  // Stands for the minute until the delivery is overdue.
  await system.db.updateTable("deliveries").set({ sweep_at: new Date() }).execute();
  await system.startWorker();
  await eventually(async () => expect(await statusOf(id)).toEqual(["delivered"]));
});

test("events go to the endpoint that asks for their type, and to no other", async () => {
  await system.startWorker();
  await client.request("POST", "/api/webhook/config", { webhook_url: receiver.url, event_types: ["user.*"] });
  const other = await publishOne(client, { type: "order.created" });
  const wanted = await publishOne(client, { type: "user.address.changed" });
  await receiver.waitFor(1);
  await eventually(async () => expect(await statusOf(wanted)).toEqual(["delivered"]));
  expect(await statusOf(other)).toEqual([]);
});

test("DISABLE_WEBHOOK_DELIVERY persists and marks as skipped without sending", async () => {
  await system.startWorker({ DISABLE_WEBHOOK_DELIVERY: "true" });
  const id = await publishOne(client);
  await eventually(async () => expect(await statusOf(id)).toEqual(["skipped"]));
  expect((await client.request("GET", `/api/events/${id}`)).body).toMatchObject({
    delivery_status: "skipped",
  });
  expect(receiver.received).toEqual([]);
});
