import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database } from "@triggers/db";
import { type ApiClient, callApi, type EventStream, eventually, openEventStream } from "@triggers/testing";
import { adminToken } from "./start-operator.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let db: Database;
const streams: EventStream[] = [];

beforeAll(async () => {
  gateway = await startTestGateway({ STREAM_HEARTBEAT_MS: "300", ADMIN_TOKEN: adminToken });
  await gateway.startWorker();
  db = createDatabase({
    ...{ url: gateway.settings.DATABASE_URL ?? "", applicationName: "test", maxConnections: 1 },
    onConnectionError: () => undefined,
  });
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.close();
});
afterAll(async () => {
  await db.destroy();
  await gateway.stop();
});

async function open(
  client: ApiClient,
  query = "",
  { url = gateway.url, apiKey = client.apiKey, lastEventId = "" } = {},
): Promise<EventStream> {
  const stream = await openEventStream(`${url}/api/inbox/stream?${query}`, {
    "x-api-key": apiKey,
    ...(lastEventId ? { "last-event-id": lastEventId } : {}),
  });
  streams.push(stream);
  return stream;
}
const publish = async (client: ApiClient, more: object = {}) =>
  (await client.publish({ type: "a", payload: {}, ...more })).body.id as string;
async function publishStored(client: ApiClient, count: number): Promise<string[]> {
  const before = (await listed(client)).length;
  const ids = [];
  for (let n = 0; n < count; n++) ids.push(await publish(client));
  await eventually(async () => expect((await listed(client)).length).toBe(before + count));
  return (await listed(client)).slice(before);
}
async function listed(client: ApiClient): Promise<string[]> {
  const { body } = await client.request("GET", "/api/inbox?status=all&limit=1000");
  return (body.events as { id: string }[]).map(({ id }) => id);
}
const idsOf = (stream: EventStream) =>
  stream.events.map(({ data }) => (JSON.parse(data) as { id: string }).id);

describe("a stream (contract, section 4)", () => {
  test("gives what is there, then what comes, each event as the list shows it and its cursor as id", async () => {
    const client = await gateway.createClient();
    const before = await publishStored(client, 3);
    const stream = await open(client, "from=start");
    await stream.waitFor(3);
    const later = await publish(client, { payload: { a: [1, "ü\n"] }, subscriber: "s" });
    await stream.waitFor(4);
    expect(idsOf(stream)).toEqual([...before, later]);
    const { body } = await client.request("GET", "/api/inbox?status=all");
    expect(stream.events.map(({ data }) => JSON.parse(data) as unknown)).toEqual(body.events);
    expect(stream.events.every(({ name }) => name === "message")).toBe(true);
    const { body: rest } = await client.request("GET", `/api/inbox?cursor=${stream.events[1]?.cursor}`);
    expect((rest.events as { id: string }[]).map(({ id }) => id)).toEqual([before[2], later]);
    expect(stream.lastEventId()).toBe(body.end_cursor);
  });

  test("tells everybody on the way not to keep, pack or gather it, and the client when to come back", async () => {
    const stream = await open(await gateway.createClient());
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    expect(stream.headers).not.toHaveProperty("content-encoding");
    await eventually(() => expect(stream.text()).toMatch(/^retry: \d+\n/));
  });

  test("from now gives only what comes; cut before its first event it goes on without a gap", async () => {
    const client = await gateway.createClient();
    await publishStored(client, 2);
    const stream = await open(client, "from=now");
    await eventually(() => expect(stream.lastEventId()).not.toBe(""));
    stream.close();
    const missed = await publishStored(client, 1);
    const resumed = await open(client, "from=now", { lastEventId: stream.lastEventId() });
    await resumed.waitFor(1);
    expect(idsOf(resumed)).toEqual(missed);
  });

  test("goes on behind a cursor; Last-Event-ID goes before from", async () => {
    const client = await gateway.createClient();
    const ids = await publishStored(client, 4);
    const { body } = await client.request("GET", "/api/inbox?status=all&limit=1");
    const second = await open(client, `from=${body.end_cursor}`);
    await second.waitFor(3);
    expect(idsOf(second)).toEqual(ids.slice(1));
    const fourth = await open(client, `from=${body.end_cursor}`, { lastEventId: second.events[1]?.cursor });
    await fourth.waitFor(1);
    expect(idsOf(fourth)).toEqual(ids.slice(3));
  });

  test("holds only a type's or a subscriber's events when asked to, and comments carry it past the others", async () => {
    const client = await gateway.createClient();
    const stream = await open(client, "event_type=b&subscriber=s");
    await publish(client, { type: "b" });
    await publish(client, { subscriber: "s" });
    const id = await publish(client, { type: "b", subscriber: "s" });
    await stream.waitFor(1);
    await publish(client, { type: "c" });
    await eventually(async () => {
      const { body } = await client.request("GET", "/api/inbox?status=all");
      expect(body.count).toBe(4);
      expect(stream.lastEventId()).toBe(body.end_cursor);
    });
    expect(idsOf(stream)).toEqual([id]);
  });

  test("holds nothing of another organization", async () => {
    const [client, stranger] = [await gateway.createClient(), await gateway.createClient()];
    const stream = await open(stranger);
    await publishStored(client, 2);
    const own = await publish(stranger);
    await stream.waitFor(1);
    expect(idsOf(stream)).toEqual([own]);
  });

  test("gets a comment now and then while nothing happens", async () => {
    const stream = await open(await gateway.createClient());
    await eventually(() => expect(stream.comments()).toBeGreaterThanOrEqual(3));
    expect(stream.events).toEqual([]);
  });

  test("gives all of a long feed, page after page, in order and once", async () => {
    const client = await gateway.createClient();
    const events = Array.from({ length: 1_000 }, () => ({ type: "a", payload: {} }));
    await client.request("POST", "/api/events/batch", { events });
    const { body } = await client.request("POST", "/api/events/batch", { events: events.slice(0, 500) });
    expect(body.accepted).toBe(500);
    const stream = await open(client);
    await stream.waitFor(1_500);
    const cursors = new Set(stream.events.map(({ cursor }) => cursor));
    expect([new Set(idsOf(stream)).size, cursors.size]).toEqual([1_500, 1_500]);
    expect(idsOf(stream).slice(0, 1_000)).toEqual(await listed(client));
  });

  test("of a slow client is read as it is taken: neither the rest nor memory runs ahead of it", async () => {
    const client = await gateway.createClient();
    const events = Array.from({ length: 40 }, () => ({ type: "a", payload: { text: "x".repeat(200_000) } }));
    for (const event of events) await client.publish(event);
    await eventually(async () => expect(await listed(client)).toHaveLength(40));
    const process = await gateway.startAnother();
    const stream = await open(client, "", { url: process.url });
    stream.pause();
    await eventually(async () => {
      const { text } = await callApi(process.url, "GET", "/metrics");
      expect(text).toContain('triggers_inbox_waiting_readers{kind="stream"} 1');
    });
    expect(stream.events.length).toBeLessThan(40);
    stream.resume();
    await stream.waitFor(40);
    expect(idsOf(stream)).toEqual(await listed(client));
  });

  test("passes over holes, and acknowledged and erased events come without a gap or an error", async () => {
    const client = await gateway.createClient();
    const ids = await publishStored(client, 5);
    await client.request("POST", `/api/inbox/ack/${ids[1]}`);
    await client.request("DELETE", `/api/events/${ids[2]}`);
    await db
      .deleteFrom("events")
      .where("id", "=", ids[3] ?? "")
      .execute();
    await db
      .updateTable("feeds")
      .set({ last_position: 1_000 })
      .where("organization_id", "=", client.organizationId)
      .execute();
    const stream = await open(client);
    const later = await publish(client);
    await stream.waitFor(5);
    expect(idsOf(stream)).toEqual([ids[0], ids[1], ids[2], ids[4], later]);
    const shown = stream.events.map(({ data }) => JSON.parse(data) as { status: string; payload: unknown });
    expect(shown.map(({ status }) => status)).toEqual([
      ...["pending", "acknowledged", "acknowledged", "pending", "pending"],
    ]);
    expect(shown[2]).toMatchObject({ payload: null, erased_at: expect.any(String) });
  });

  test.each([
    ["from=yesterday", "from"],
    ["from=", "from"],
    ["event_type=", "event_type"],
    ["status=failed", "status"],
    ["limit=5", "limit"],
  ])("with %s is refused", async (query, pointer) => {
    const client = await gateway.createClient();
    const { status, body } = await client.request("GET", `/api/inbox/stream?${query}`);
    expect([status, body.errors]).toEqual([400, [{ pointer, detail: expect.any(String) }]]);
  });

  test("with a Last-Event-ID that is no cursor is refused", async () => {
    const client = await gateway.createClient();
    const { status, body } = await client.request("GET", "/api/inbox/stream", undefined, {
      "last-event-id": "7",
    });
    expect([status, body.errors[0].pointer]).toEqual([400, "Last-Event-ID"]);
  });
});

describe("a stream ends", () => {
  test("within a second when its key is revoked, and gives nothing that comes after", async () => {
    const client = await gateway.createClient();
    // Comments would find it out too: these are too rare to.
    const quiet = await gateway.startAnother({ STREAM_HEARTBEAT_MS: "60000" });
    const { body } = await client.request("POST", "/api/keys", { scopes: ["read"] });
    const stream = await open(client, "", { url: quiet.url, apiKey: body.api_key as string });
    await publish(client);
    await stream.waitFor(1);
    await client.request("DELETE", `/api/keys/${body.key_id}`);
    const revokedAt = performance.now();
    expect(await stream.ended).toBe("end");
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    await publishStored(client, 1);
    expect(stream.events).toHaveLength(1);
  });

  test("when a rotated key's overlap is over", async () => {
    const client = await gateway.createClient();
    const quiet = await gateway.startAnother({ STREAM_HEARTBEAT_MS: "60000" });
    const stream = await open(client, "", { url: quiet.url });
    const { body } = await client.request("POST", "/api/keys/rotate", { overlap_seconds: 2 });
    const endsAt = Date.parse(body.previous_key_expires_at as string);
    expect(await stream.ended).toBe("end");
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
    expect(Date.now() - endsAt).toBeLessThan(1_000);
  });

  test("when its organization is suspended, also where the word of it was lost", async () => {
    const client = await gateway.createClient();
    const stream = await open(client);
    await db
      .updateTable("organizations")
      .set({ suspended_at: new Date() })
      .where("id", "=", client.organizationId)
      .execute();
    const { status } = await callApi(
      gateway.url,
      "PATCH",
      `/api/admin/organizations/${client.organizationId}`,
      { suspended: true },
      { authorization: `Bearer ${adminToken}` },
    );
    expect(status).toBe(200);
    expect(await stream.ended).toBe("end");
  });

  test("when the gateway drains, also that of a client that takes nothing, and others take it up", async () => {
    const client = await gateway.createClient();
    for (let n = 0; n < 20; n++) await client.publish({ type: "a", payload: { text: "x".repeat(250_000) } });
    await eventually(async () => expect(await listed(client)).toHaveLength(20));
    const another = await gateway.startAnother();
    const [reading, idle] = [await open(client, "", another), await open(client, "from=now", another)];
    const stuck = await open(client, "", another);
    stuck.pause();
    await reading.waitFor(20);
    const startedAt = performance.now();
    await another.drain();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(await Promise.all([reading.ended, idle.ended])).toEqual(["end", "end"]);
    const id = await publish(client);
    const resumed = await open(client, "", { lastEventId: reading.lastEventId() });
    await resumed.waitFor(1);
    expect(idsOf(resumed)).toEqual([id]);
  });

  test("and frees its place when the client goes away", async () => {
    const another = await gateway.startAnother({ MAX_WAITERS_PER_ORG: "1" });
    const client = await gateway.createClient();
    const first = await open(client, "", another);
    expect((await open(client, "", another)).status).toBe(429);
    first.close();
    await eventually(async () => {
      const second = await open(client, "", another);
      expect(second.status).toBe(200);
    });
  });

  test("at once for a HEAD, and a key without the scope gets none", async () => {
    const client = await gateway.createClient();
    const { status, headers } = await client.request("HEAD", "/api/inbox/stream");
    expect([status, headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    const { body } = await client.request("POST", "/api/keys", { scopes: ["publish", "consume"] });
    expect((await open(client, "", { apiKey: body.api_key as string })).status).toBe(403);
  });
});
