import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  type ApiAnswer,
  type ApiClient,
  type AppProcess,
  eventually,
  type Receiver,
} from "@triggers/testing";
import { publishMany, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;
let worker: AppProcess;

beforeEach(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient();
  worker = await system.startWorker(patient);
});

afterEach(() => system.stop());

/** Hundreds of failures in a row are meant here, and close nothing. */
const patient = { BREAKER_FAILURES: "100000" };
const time = { since: "2020-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z" };
const useSchedule = (seconds: number[]) =>
  system.db.updateTable("endpoints").set({ retry_schedule: seconds }).execute();
const answer = (status: number) => receiver.respondWith((_webhook, res) => void res.writeHead(status).end());
const receivedIds = () => receiver.received.map(({ headers }) => String(headers["webhook-id"]));

async function saveWebhook(): Promise<string> {
  const { body } = await client.request("POST", "/api/webhook/config", { webhook_url: receiver.url });
  return (body as { endpoint_id: string }).endpoint_id;
}

const waitForStatus = (status: string, count: number) =>
  eventually(async () => {
    const { body } = await client.request("GET", `/api/deliveries?status=${status}&limit=1000`);
    expect(body.deliveries).toHaveLength(count);
  }, 30_000);

const waitForReplay = ({ headers }: ApiAnswer, wanted: object) =>
  eventually(async () =>
    expect((await client.request("GET", headers.get("location") ?? "")).body).toMatchObject(wanted),
  );

test("a bulk retry starts every failed delivery anew, with its schedule", async () => {
  const endpoint_id = await saveWebhook();
  await useSchedule([0, 0]);
  answer(500);
  const ids = await publishMany(client, 30);
  await waitForStatus("failed", 30);
  receiver.received.length = 0;
  const refused = new Set<unknown>();
  receiver.respondWith(({ headers }, res) => {
    const isFirst = !refused.has(headers["webhook-id"]);
    refused.add(headers["webhook-id"]);
    res.writeHead(isFirst ? 500 : 200).end();
  });

  const started = await client.request("POST", "/api/deliveries/retry", { endpoint_id });
  expect(started).toMatchObject({ status: 202, body: { status: "running", only: "failed", endpoint_id } });
  expect(started.headers.get("location")).toBe(`/api/replays/${started.body.replay_id}`);
  await waitForReplay(started, { status: "completed", matched: 30, enqueued: 30, skipped: 0 });
  await waitForStatus("delivered", 30);
  expect(new Set(receivedIds())).toEqual(new Set(ids));
  expect(receivedIds()).toHaveLength(60);
  const { body } = await client.request("GET", `/api/events/${ids[0]}`);
  const attempts = ["schedule", "schedule", "replay", "schedule"].map((trigger) => ({ trigger }));
  expect(body).toMatchObject({
    ...{ status: "delivered", delivery_status: "delivered" },
    deliveries: [{ attempts }],
  });
});

test("what an endpoint is missing is delivered to it: events of its types that came before it was there", async () => {
  const wanted = await publishMany(client, 5, "order.created");
  await publishMany(client, 5, "user.created");
  await eventually(async () => {
    const { body } = await client.request("GET", "/api/events");
    expect(body.events).toHaveLength(10);
  });
  const id = await saveWebhook();
  await system.db
    .updateTable("endpoints")
    .set({ event_types: ["order.*"] })
    .execute();
  const later = await publishOne(client);
  await receiver.waitFor(1);

  const replay = await client.request("POST", `/api/endpoints/${id}/replay`, { ...time, only: "missing" });
  await waitForReplay(replay, { status: "completed", matched: 5, enqueued: 5 });
  await receiver.waitFor(6);
  await waitForStatus("delivered", 6);
  expect(receivedIds().sort()).toEqual([...wanted, later].sort());
});

test("a replay of all leaves alone what its schedule still delivers", async () => {
  const id = await saveWebhook();
  const delivered = await publishMany(client, 3);
  await waitForStatus("delivered", 3);
  await useSchedule([0, 3_600]);
  answer(500);
  const retrying = await publishOne(client);
  await waitForStatus("retrying", 1);
  const before = (await client.request("GET", `/api/events/${retrying}`)).body.deliveries[0];
  answer(200);
  receiver.received.length = 0;

  const replay = await client.request("POST", `/api/endpoints/${id}/replay`, { ...time, only: "all" });
  await waitForReplay(replay, { status: "completed", matched: 4, enqueued: 3, skipped: 1 });
  await receiver.waitFor(3);
  await waitForStatus("delivered", 3);
  expect(receivedIds().sort()).toEqual([...delivered].sort());
  const after = (await client.request("GET", `/api/events/${retrying}`)).body.deliveries[0];
  expect(after).toMatchObject({ status: "retrying", next_attempt_at: before.next_attempt_at });
});

test("events outside its time and of other types are not touched", async () => {
  const id = await saveWebhook();
  await publishMany(client, 2, "a.b");
  await publishMany(client, 2, "c.d");
  await waitForStatus("delivered", 4);
  const replay = (body: object) => client.request("POST", `/api/endpoints/${id}/replay`, body);
  const past = await replay({ since: "2020-01-01T00:00:00Z", until: "2021-01-01T00:00:00Z", only: "all" });
  await waitForReplay(past, { status: "completed", matched: 0 });
  const typed = await replay({ ...time, event_types: ["c.*"], only: "all" });
  await waitForReplay(typed, { status: "completed", matched: 2, enqueued: 2 });
});

test("a replay leaves alone what is being attempted, or was asked for, beside the schedule", async () => {
  const id = await saveWebhook();
  const eventId = await publishOne(client);
  await waitForStatus("delivered", 1);
  const held = Promise.withResolvers<undefined>();
  receiver.respondWith(async (_webhook, res) => {
    await held.promise;
    res.end();
  });
  const { body } = await client.request("GET", "/api/deliveries");
  expect((await client.request("POST", `/api/deliveries/${body.deliveries[0].id}/retry`)).status).toBe(202);
  await receiver.waitFor(2);
  const replay = await client.request("POST", `/api/endpoints/${id}/replay`, { ...time, only: "all" });
  await waitForReplay(replay, { status: "completed", matched: 1, enqueued: 0, skipped: 1 });
  held.resolve(undefined);
  await eventually(async () =>
    expect((await client.request("GET", `/api/events/${eventId}`)).body).toMatchObject({ attempts: 2 }),
  );
  expect(receiver.mostAtOnce(eventId)).toBe(1);
});

test("a replay whose worker dies goes on where it was and enqueues each delivery once", async () => {
  const id = await saveWebhook();
  await useSchedule([0]);
  answer(500);
  // More than a page.
  const ids = await publishMany(client, 250);
  await waitForStatus("failed", 250);
  answer(200);
  receiver.received.length = 0;
  await worker.stop();
  const crashing = await system.startCrashWorker("replay: page committed", patient);
  const replay = await client.request("POST", `/api/endpoints/${id}/replay`, { ...time, only: "all" });
  expect(await crashing.exited).toBe("SIGKILL");

  await system.startWorker(patient);
  await waitForReplay(replay, {
    status: "completed",
    matched: 250,
    enqueued: 250,
    skipped: 0,
  });
  // What the dead worker did not enqueue is overdue after a minute.
  await system.db
    .updateTable("deliveries")
    .set({ sweep_at: new Date(0) })
    .where("status", "=", "pending")
    .execute();
  await waitForStatus("delivered", 250);
  expect(receivedIds().sort()).toEqual(ids.sort());
}, 120_000);

test("one replay runs for an endpoint at a time; it can be cancelled, and then another may start", async () => {
  await worker.stop();
  const id = await saveWebhook();
  const replay = () => client.request("POST", `/api/endpoints/${id}/replay`, time);
  const first = await replay();
  expect(first.status).toBe(202);
  expect(await replay()).toMatchObject({ status: 409, body: { code: "replay_running" } });
  // One for all endpoints is another one.
  expect((await client.request("POST", "/api/deliveries/retry", {})).status).toBe(202);
  expect((await client.request("POST", "/api/deliveries/retry", {})).status).toBe(409);

  const path = `/api/replays/${first.body.replay_id}`;
  expect((await (await system.createClient()).request("DELETE", path)).status).toBe(404);
  expect((await client.request("DELETE", path)).status).toBe(204);
  expect((await client.request("DELETE", path)).status).toBe(204);
  expect((await client.request("GET", path)).body).toMatchObject({ status: "cancelled", enqueued: 0 });
  expect((await replay()).status).toBe(202);
  const { body } = await client.request("GET", "/api/replays?status=running");
  expect(body.replays).toHaveLength(2);
});

test("a replay that is cancelled under way sends what it has enqueued, and nothing more", async () => {
  const id = await saveWebhook();
  await useSchedule([0]);
  answer(500);
  // More than two pages.
  await publishMany(client, 450);
  await waitForStatus("failed", 450);
  answer(200);
  receiver.received.length = 0;
  await worker.stop();
  const pausing = await system.startPausingWorker("replay: page committed", 1, patient);
  const replay = await client.request("POST", `/api/endpoints/${id}/replay`, time);
  await eventually(() => expect(pausing.log).toContainEqual({ message: "pausing" }));
  const path = replay.headers.get("location") ?? "";
  expect((await client.request("DELETE", path)).status).toBe(204);
  pausing.kill("SIGCONT");
  await waitForStatus("delivered", 200);
  expect((await client.request("GET", path)).body).toMatchObject({
    ...{ status: "cancelled", matched: 200, enqueued: 200 },
    finished_at: expect.any(String),
  });
  // Whoever leads next finds nothing to go on with.
  await pausing.stop();
  await system.startWorker(patient);
  const later = await publishOne(client);
  await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === later);
  await waitForStatus("failed", 250);
  expect(receiver.received).toHaveLength(201);
}, 120_000);

test("a replay that no worker was told of is found by the sweeper", async () => {
  const id = await saveWebhook();
  await worker.stop();
  const asked = await client.request("POST", `/api/endpoints/${id}/replay`, time);
  const { Redis } = await import("ioredis");
  const redis = new Redis(system.redisUrl);
  const keys = await redis.keys(`{${system.prefix}}:replays*`);
  await redis.del(keys);
  redis.disconnect();
  await system.startWorker(patient);
  await waitForReplay(asked, { status: "completed" });
});

test("nonsense is refused with the field's name", async () => {
  const id = await saveWebhook();
  const replay = (body: object, endpoint = id) =>
    client.request("POST", `/api/endpoints/${endpoint}/replay`, body);
  expect(await replay({ since: time.since })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/until" }] },
  });
  expect(await replay({ since: time.until, until: time.since })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/until", detail: "must be later than since" }] },
  });
  expect(await replay({ ...time, only: "some" })).toMatchObject({ status: 400 });
  expect(await replay({ ...time, onli: "all" })).toMatchObject({ body: { code: "unknown_field" } });
  expect(await replay(time, "01890000-0000-7000-8000-000000000000")).toMatchObject({ status: 404 });
});

test("enabling with a replay delivers all that was skipped, also by batches that were under way", async () => {
  const id = await saveWebhook();
  const post = (verb: string, body: object = {}) =>
    client.request("POST", `/api/endpoints/${id}/${verb}`, body);
  await post("disable");
  const skipped = await publishMany(client, 20);
  await waitForStatus("skipped", 20);
  const meanwhile = publishMany(client, 100);
  const enabled = await post("enable", { replay: "skipped" });
  expect(enabled).toMatchObject({ status: 200, body: { enabled: true } });
  const all = [...skipped, ...(await meanwhile)];
  await waitForStatus("delivered", 120);
  expect(receivedIds().sort()).toEqual(all.sort());
  const { body } = await client.request("GET", `/api/replays/${enabled.body.replay_id}`);
  expect(body).toMatchObject({ endpoint_id: id, only: "skipped" });
  expect(await post("enable", { replay: "all" })).toMatchObject({ status: 400 });
});
