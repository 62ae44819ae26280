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
  client = await system.createClient();
  await system.startWorker();
}, 30_000);

afterEach(() => system.stop());

const create = async (body: object = {}): Promise<string> => {
  const answer = await client.request("POST", "/api/endpoints", { url: receiver.url, ...body });
  if (answer.status !== 201) throw new Error(answer.text);
  return (answer.body as { id: string }).id;
};
const change = (id: string, body: object) => client.request("PATCH", `/api/endpoints/${id}`, body);
const call = (id: string, what: string) => client.request("POST", `/api/endpoints/${id}/${what}`);
const fail = () => receiver.respondWith((_webhook, res) => void res.writeHead(500).end());
const succeed = () => receiver.respondWith((_webhook, res) => void res.end());
/** Endpoint id → status of the event's delivery to it. */
const deliveriesOf = async (eventId: string) => {
  const { body } = await client.request("GET", `/api/events/${eventId}`);
  if (body.status === "accepted") throw new Error("it is not stored yet");
  const deliveries = body.deliveries as { endpoint_id: string; status: string }[];
  return Object.fromEntries(deliveries.map(({ endpoint_id, status }) => [endpoint_id, status]));
};
const waitForDeliveries = (eventId: string, expected: Record<string, string>) =>
  eventually(async () => expect(await deliveriesOf(eventId)).toEqual(expected), 30_000);

test("an event goes to its subscriber's endpoints and to those without one; one without only to the latter", async () => {
  const own = await create();
  const shop7 = await create({ subscriber: "shop-7" });
  const shop8 = await create({ subscriber: "shop-8" });
  const [ofShop7, ofShop8, ofNobody, ofStranger] = await Promise.all([
    publishOne(client, { subscriber: "shop-7" }),
    publishOne(client, { subscriber: "shop-8" }),
    publishOne(client),
    publishOne(client, { subscriber: "shop-9" }),
  ]);
  await waitForDeliveries(ofShop7, { [own]: "delivered", [shop7]: "delivered" });
  await waitForDeliveries(ofShop8, { [own]: "delivered", [shop8]: "delivered" });
  await waitForDeliveries(ofNobody, { [own]: "delivered" });
  await waitForDeliveries(ofStranger, { [own]: "delivered" });
  expect(receiver.received).toHaveLength(6);
}, 60_000);

test("while an endpoint is disabled events are skipped and pending ones wait; enabling sends what waited", async () => {
  const id = await create({ retry_schedule: [1, 3_600] });
  fail();
  const waiting = await publishOne(client);
  await waitForDeliveries(waiting, { [id]: "retrying" });
  expect((await call(id, "disable")).body).toMatchObject({ enabled: false, disabled_reason: "manual" });
  const meanwhile = await publishOne(client);
  await waitForDeliveries(meanwhile, { [id]: "skipped" });
  // Its step comes while the endpoint is disabled: it is parked.
  await eventually(async () => {
    const parked = system.db.selectFrom("deliveries").selectAll().where("event_id", "=", waiting);
    const { sweep_at } = await parked.executeTakeFirstOrThrow();
    expect(Number(sweep_at)).toBeGreaterThan(Date.now() + 5 * 3_600_000);
  }, 30_000);
  succeed();
  expect((await call(id, "enable")).body).toMatchObject({ enabled: true, disabled_reason: null });
  await waitForDeliveries(waiting, { [id]: "delivered" });
  expect(await deliveriesOf(meanwhile)).toEqual({ [id]: "skipped" });
}, 60_000);

test("retries go to the current URL, with the current headers, by the endpoint's own schedule", async () => {
  const id = await create({ retry_schedule: [2, 3_600], headers: { "x-tenant": "old" } });
  fail();
  const event = await publishOne(client);
  await waitForDeliveries(event, { [id]: "retrying" });
  const moved = await system.startReceiver();
  await change(id, { url: `${moved.url}/new`, headers: { "x-tenant": "new" } });
  const [webhook] = await moved.waitFor(1);
  expect(webhook).toMatchObject({
    path: "/new",
    headers: { "webhook-id": event, "x-delivery-attempt": "2", "x-tenant": "new" },
  });
}, 60_000);

test("a change counts for the very next event: created, other types, disabled, deleted", async () => {
  const id = await create({ event_types: ["user.*"] });
  await waitForDeliveries(await publishOne(client, { type: "user.address.changed" }), { [id]: "delivered" });
  await waitForDeliveries(await publishOne(client, { type: "user" }), {});
  await change(id, { event_types: ["order.*"] });
  const events = [
    await publishOne(client, { type: "user.created" }),
    await publishOne(client, { type: "order.paid" }),
  ];
  await waitForDeliveries(events[1] ?? "", { [id]: "delivered" });
  await waitForDeliveries(events[0] ?? "", {});
  await call(id, "disable");
  await waitForDeliveries(await publishOne(client, { type: "order.paid" }), { [id]: "skipped" });
  expect((await client.request("DELETE", `/api/endpoints/${id}`)).status).toBe(204);
  const last = await publishOne(client, { type: "order.paid" });
  await eventually(async () =>
    expect((await client.request("GET", `/api/events/${last}`)).body).toMatchObject({ status: "pending" }),
  );
  expect(await deliveriesOf(last)).toEqual({});
}, 60_000);

test("deleting an endpoint cancels what waits at it, and only there", async () => {
  const [id, other] = [await create({ retry_schedule: [3_600] }), await create({ retry_schedule: [3_600] })];
  fail();
  const event = await publishOne(client);
  await waitForDeliveries(event, { [id]: "retrying", [other]: "retrying" });
  expect((await client.request("DELETE", `/api/endpoints/${id}`)).status).toBe(204);
  await waitForDeliveries(event, { [id]: "cancelled", [other]: "retrying" });
}, 60_000);
