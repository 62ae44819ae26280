import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiClient, eventually } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway();
  // Two of them: batches of one organization then commit side by side.
  await Promise.all([gateway.startWorker(), gateway.startWorker()]);
});
afterAll(() => gateway.stop());

interface Page {
  events: { id: string; type: string }[];
  count: number;
  has_more: boolean;
  next_cursor: string | null;
  end_cursor: string;
}

async function read(client: ApiClient, query = ""): Promise<Page> {
  const { status, body, text } = await client.request("GET", `/api/inbox?${query}`);
  if (status !== 200) throw new Error(text);
  return body as Page;
}

/** One after the other: events that wait at the same time may be persisted in any order. */
async function publishAll(client: ApiClient, events: Record<string, unknown>[]): Promise<string[]> {
  const ids: string[] = [];
  for (const event of events) {
    const { status, body } = await client.publish({ payload: {}, ...event });
    expect(status).toBe(202);
    ids.push(body.id as string);
    await eventually(async () =>
      expect((await read(client, "status=all&limit=1000")).count).toBe(ids.length),
    );
  }
  return ids;
}

const idsOf = (page: Page) => page.events.map(({ id }) => id);
const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ type: `t.${n}` }));

describe("the inbox (contract, section 4)", () => {
  test("shows an event with every field, and its id is the one of the 202", async () => {
    const client = await gateway.createClient();
    const sent = {
      type: "order.created",
      payload: { a: 1 },
      dedup_id: "d",
      subscriber: "s",
      metadata: { region: "eu" },
      occurred_at: "2026-01-31T12:00:00+01:00",
    };
    const [id] = await publishAll(client, [sent]);
    const { events } = await read(client);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const shown = {
      ...sent,
      ...{ id, event_id: id, event_type: "order.created" },
      ...{ status: "pending", inbox_status: "available", delivery_status: "none" },
      ...{ attempts: 0, response_status: null, last_error: null },
      ...{ occurred_at: "2026-01-31T11:00:00.000Z", created_at: time, updated_at: time },
    };
    expect(events).toEqual([shown]);
    const { body } = await client.request("GET", `/api/events/${id}`);
    expect(body).toEqual({ ...shown, deliveries: [] });
  });

  test("keeps the payload byte for byte, as the event by id does, before and after it is stored", async () => {
    const client = await gateway.createClient();
    const payload = String.raw`{ "z":"\u0000\ud800" ,"a":9007199254740993,"\u00e9":1.50E+2, "é":"🎉",
      "again":1,"again":2, "__proto__":{"x":-0} }`;
    const { body } = await client.request("POST", "/api/events", `{"payload":${payload} ,"type":"a"}`);
    const byId = () => client.request("GET", `/api/events/${body.id as string}`);
    expect((await byId()).text).toContain(`"payload":${payload}}`);
    await eventually(async () => {
      const { text } = await client.request("GET", "/api/inbox");
      expect(text).toContain(`"payload":${payload}}`);
    });
    expect((await byId()).text).toContain(`"payload":${payload}}`);
    expect((await byId()).body.status).toBe("pending");
  });

  test("is empty for a new organization, and its cursor already works", async () => {
    const client = await gateway.createClient();
    const empty = await read(client);
    expect(empty).toEqual({
      events: [],
      count: 0,
      has_more: false,
      next_cursor: null,
      end_cursor: empty.end_cursor,
    });
    const ids = await publishAll(client, numbered(2));
    expect(idsOf(await read(client, `cursor=${empty.end_cursor}`))).toEqual(ids);
  });

  test("holds nothing of another organization", async () => {
    const [client, stranger] = [await gateway.createClient(), await gateway.createClient()];
    const [id] = await publishAll(client, numbered(1));
    expect((await read(stranger, "status=all")).events).toEqual([]);
    const { status } = await stranger.request("GET", `/api/events/${id}`);
    expect(status).toBe(404);
  });

  test("a reader that follows the cursor while others write gets every event, once and in order", async () => {
    const client = await gateway.createClient();
    const other = await gateway.startAnother();
    const seen: string[] = [];
    let cursor = "";
    const writing = new AbortController();
    const readOn = async () => {
      const page = await read(client, `status=all&limit=7${cursor && `&cursor=${cursor}`}`);
      cursor = page.end_cursor;
      seen.push(...idsOf(page));
      return page;
    };
    const reading = (async () => {
      while (!writing.signal.aborted) await readOn();
    })();
    const write = async (url: string) => {
      const ids: string[] = [];
      for (let n = 0; n < 60; n++) {
        const init = {
          method: "POST",
          headers: { "x-api-key": client.apiKey, "content-type": "application/json" },
        };
        const answer = await fetch(`${url}/api/events`, { ...init, body: '{"type":"a","payload":{}}' });
        ids.push(((await answer.json()) as { id: string }).id);
      }
      return ids;
    };
    const writers = [gateway.url, other.url, gateway.url, other.url, gateway.url].map(write);
    const written = (await Promise.all(writers)).flat();
    writing.abort();
    await reading;
    await eventually(async () => {
      await readOn();
      expect(seen.length).toBeGreaterThanOrEqual(written.length);
    });
    expect([...seen].sort()).toEqual(written.sort());
    const all = await read(client, "status=all&limit=1000");
    expect(idsOf(all)).toEqual(seen);
  });
});

describe("a list's pages", () => {
  let client: ApiClient;
  let ids: string[];

  beforeAll(async () => {
    client = await gateway.createClient();
    const subscribers = [{ subscriber: "one" }, { subscriber: "two" }, {}];
    ids = await publishAll(
      client,
      numbered(6).map((event, n) => ({ ...event, type: `t.${n % 2}`, ...subscribers[n % 3] })),
    );
  });

  test("follow each other; the last one has no next cursor, but an end to go on from", async () => {
    const first = await read(client, "limit=4");
    expect([idsOf(first), first.count, first.has_more]).toEqual([ids.slice(0, 4), 4, true]);
    expect(first.next_cursor).toBe(first.end_cursor);
    const last = await read(client, `limit=4&cursor=${first.end_cursor}`);
    expect([idsOf(last), last.count, last.has_more, last.next_cursor]).toEqual([
      ids.slice(4),
      2,
      false,
      null,
    ]);
    const beyond = await read(client, `cursor=${last.end_cursor}`);
    expect([beyond.events, beyond.end_cursor]).toEqual([[], last.end_cursor]);
  });

  test("a page that is exactly full says that there is no more", async () => {
    const page = await read(client, "limit=6");
    expect([page.count, page.has_more, page.next_cursor]).toEqual([6, false, null]);
  });

  test("run backwards with order=desc", async () => {
    const first = await read(client, "order=desc&limit=4");
    expect(idsOf(first)).toEqual(ids.toReversed().slice(0, 4));
    const last = await read(client, `order=desc&cursor=${first.end_cursor}`);
    expect(idsOf(last)).toEqual(ids.toReversed().slice(4));
  });

  test("can be narrowed by type, subscriber and time, and entered by offset", async () => {
    expect(idsOf(await read(client, "event_type=t.1"))).toEqual([ids[1], ids[3], ids[5]]);
    expect(idsOf(await read(client, "subscriber=two"))).toEqual([ids[1], ids[4]]);
    expect(idsOf(await read(client, "event_type=t.1&subscriber=two"))).toEqual([ids[1]]);
    expect(idsOf(await read(client, "offset=4"))).toEqual(ids.slice(4));
    expect((await read(client, "since=2099-01-01T00:00:00Z")).count).toBe(0);
    expect((await read(client, "until=2000-01-01T00:00:00Z")).count).toBe(0);
    expect((await read(client, "since=2000-01-01T00:00:00Z&until=2099-01-01T00:00:00Z")).count).toBe(6);
  });

  test.each(["retrying", "delivered", "failed", "acknowledged", "quarantined"])(
    "of status %s holds none of these",
    async (status) => {
      expect((await read(client, `status=${status}`)).count).toBe(0);
    },
  );

  test.each([
    ["limit=0", "limit"],
    ["limit=1001", "limit"],
    ["limit=-1", "limit"],
    ["limit=1.5", "limit"],
    ["limit=ten", "limit"],
    ["limit=", "limit"],
    ["limit=1&limit=2", "limit"],
    ["offset=-1", "offset"],
    ["offset=10001", "offset"],
    ["order=up", "order"],
    ["status=unheard", "status"],
    ["cursor=garbage", "cursor"],
    ["cursor=", "cursor"],
    ["since=yesterday", "since"],
    ["since=1969-12-31T23:59:59Z", "since"],
    ["until=%2B300000-01-01T00:00:00Z", "until"],
    ["event_type=a%00b", "event_type"],
    ["subscriber=", "subscriber"],
    ["colour=red", "colour"],
  ])("with %s are refused, never clamped", async (query, pointer) => {
    const { status, body } = await client.request("GET", `/api/inbox?${query}`);
    expect(status).toBe(400);
    expect(body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
  });

  test("with a mistyped parameter come with a guess at what was meant", async () => {
    const { body } = await client.request("GET", "/api/inbox?limt=5");
    expect([body.code, body.errors[0].detail]).toEqual([
      "unknown_field",
      'is not known here; did you mean "limit"?',
    ]);
  });
});
