import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type ApiClient, type AppProcess, eventually, type Receiver } from "@triggers/testing";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;
let worker: AppProcess;

beforeEach(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
  worker = await system.startWorker();
});

afterEach(() => system.stop());

const useSchedule = (seconds: number[]) =>
  system.db.updateTable("endpoints").set({ retry_schedule: seconds }).execute();
const answer = (status: number) =>
  receiver.respondWith((_webhook, res) => void res.writeHead(status).end(`answer ${status}`));

/** The one delivery of an event, as the API shows it. */
async function deliveryOf(eventId: string) {
  const { body } = await client.request("GET", `/api/deliveries?event_id=${eventId}`);
  const { body: delivery } = await client.request("GET", `/api/deliveries/${body.deliveries[0]?.id}`);
  return delivery as { id: string; next_attempt_at: string | null; attempts: { number: number }[] };
}

const waitForDelivery = (eventId: string, wanted: object) =>
  eventually(async () => {
    const delivery = await deliveryOf(eventId);
    expect(delivery).toMatchObject(wanted);
    return delivery;
  });
const retry = (id: string) => client.request("POST", `/api/deliveries/${id}/retry`);

test("a retry of a failed delivery is one more attempt: a failure leaves it failed, a success ends it", async () => {
  await useSchedule([0]);
  answer(500);
  const eventId = await publishOne(client);
  const { id } = await waitForDelivery(eventId, { status: "failed", attempt_count: 1 });

  const accepted = await retry(id);
  expect(accepted.status).toBe(202);
  expect(accepted.headers.get("location")).toBe(`/api/deliveries/${id}`);
  await waitForDelivery(eventId, { status: "failed", attempt_count: 2 });

  answer(200);
  expect((await retry(id)).status).toBe(202);
  const ended = await waitForDelivery(eventId, { status: "delivered", attempt_count: 3 });
  expect(ended.attempts).toMatchObject([
    { number: 1, trigger: "schedule", response_status: 500, response_body: "answer 500" },
    { number: 2, trigger: "manual", response_status: 500 },
    { number: 3, trigger: "manual", response_status: 200 },
  ]);
  expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toEqual([eventId, eventId, eventId]);
  const event = await client.request("GET", `/api/events/${eventId}`);
  expect(event.body).toMatchObject({ status: "delivered", delivery_status: "delivered", attempts: 3 });
});

test("a retry that fails leaves the schedule of a delivery as it is; one that succeeds ends it early", async () => {
  await useSchedule([0, 3_600]);
  answer(500);
  const eventId = await publishOne(client);
  const before = await waitForDelivery(eventId, { status: "retrying", attempt_count: 1 });
  await retry(before.id);
  const after = await waitForDelivery(eventId, { status: "retrying", attempt_count: 2 });
  expect(after.next_attempt_at).toBe(before.next_attempt_at);

  answer(204);
  await retry(before.id);
  await waitForDelivery(eventId, { status: "delivered", attempt_count: 3, next_attempt_at: null });
});

test("a delivery that is being attempted is busy, and so is one whose retry has not begun", async () => {
  await useSchedule([0]);
  let finish: () => void = () => undefined;
  receiver.respondWith(async (_webhook, res) => {
    await new Promise<void>((resolve) => (finish = resolve));
    res.end();
  });
  const eventId = await publishOne(client);
  await receiver.waitFor(1);
  const { id } = await deliveryOf(eventId);
  expect(await retry(id)).toMatchObject({ status: 409, body: { code: "delivery_busy", retryable: true } });
  finish();
  await waitForDelivery(eventId, { status: "delivered" });
  // A delivered one may be sent again.
  expect((await retry(id)).status).toBe(202);
  expect((await retry(id)).status).toBe(409);
  await receiver.waitFor(2);
  finish();
  await waitForDelivery(eventId, { status: "delivered", attempt_count: 2 });
});

test("a retry whose job is lost is made all the same", async () => {
  await useSchedule([0]);
  answer(500);
  const eventId = await publishOne(client);
  const { id } = await waitForDelivery(eventId, { status: "failed" });
  answer(200);
  // As a gateway leaves it that dies, or loses Redis, after its commit.
  await system.db
    .updateTable("deliveries")
    .set({ requested: "manual", requested_at: new Date(Date.now() - 120_000) })
    .execute();
  expect((await retry(id)).status).toBe(409);
  // Whoever is elected looks at once.
  await worker.stop();
  await system.startWorker();
  await waitForDelivery(eventId, { status: "delivered", attempt_count: 2 });
});

test("a retry is refused where nothing can be sent any more, and says why", async () => {
  await useSchedule([0]);
  const eventId = await publishOne(client);
  const { id } = await waitForDelivery(eventId, { status: "delivered" });
  const other = await system.createClient();
  expect((await other.request("POST", `/api/deliveries/${id}/retry`)).status).toBe(404);
  expect((await other.request("GET", `/api/deliveries/${id}`)).status).toBe(404);
  expect((await client.request("POST", "/api/deliveries/nonsense/retry")).status).toBe(400);

  await system.db.updateTable("endpoints").set({ enabled: false }).execute();
  expect(await retry(id)).toMatchObject({ status: 409, body: { code: "endpoint_disabled" } });
  await client.request("DELETE", "/api/webhook/config");
  expect(await retry(id)).toMatchObject({ status: 409, body: { code: "endpoint_deleted" } });
  await client.request("DELETE", `/api/events/${eventId}`);
  expect(await retry(id)).toMatchObject({ status: 409, body: { code: "event_erased" } });
});
