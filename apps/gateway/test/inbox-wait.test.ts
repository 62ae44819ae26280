import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiClient, callApi, createTestPrefix, eventually } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;

beforeAll(async () => {
  // The check comes too late for any of these tests: it is the workers' messages that wake.
  gateway = await startTestGateway({ WAKE_UP_CHECK_MS: "60000" });
  await gateway.startWorker();
});
afterAll(() => gateway.stop());

interface Page {
  events: { id: string; type: string }[];
  count: number;
  has_more: boolean;
  next_cursor: string | null;
  end_cursor: string;
}

async function read(client: ApiClient, query = "", url = client.url): Promise<Page> {
  const key = { "x-api-key": client.apiKey };
  const { status, body, text } = await callApi(url, "GET", `/api/inbox?${query}`, undefined, key);
  if (status !== 200) throw new Error(text);
  return body as Page;
}
const publish = async (client: ApiClient, type = "a", more: object = {}) =>
  (await client.publish({ type, payload: {}, ...more })).body.id as string;
const idsOf = (page: Page) => page.events.map(({ id }) => id);

/** How many readers wait on a gateway, by its own metrics. */
async function waiting(kind: string, url = gateway.url): Promise<number> {
  const { text } = await callApi(url, "GET", "/metrics");
  return Number(
    new RegExp(`^triggers_inbox_waiting_readers\\{kind="${kind}"\\} (\\d+)$`, "m").exec(text)?.[1],
  );
}
const untilWaiting = (count: number, kind = "long_poll", url = gateway.url) =>
  eventually(async () => expect(await waiting(kind, url)).toBe(count));

describe("a long-poll (contract, section 4)", () => {
  test("of an inbox that has events is answered like any other list", async () => {
    const client = await gateway.createClient();
    const id = await publish(client);
    await eventually(async () => expect(idsOf(await read(client))).toEqual([id]));
    expect(await read(client, "wait_seconds=20")).toEqual(await read(client));
  });

  test("waits for the next commit and answers with it at once, also under the old name", async () => {
    for (const name of ["wait_seconds", "wait"]) {
      const client = await gateway.createClient();
      const startedAt = performance.now();
      const page = read(client, `${name}=20`);
      await untilWaiting(1);
      const id = await publish(client);
      expect(idsOf(await page)).toEqual([id]);
      expect(performance.now() - startedAt).toBeLessThan(15_000);
      await untilWaiting(0);
    }
  });

  test("goes on behind its cursor, time after time, and gets every event once", async () => {
    const client = await gateway.createClient();
    const sent: string[] = [];
    const publishing = (async () => {
      for (let n = 0; n < 40; n++) sent.push(await publish(client));
    })();
    const seen: string[] = [];
    for (let cursor = ""; seen.length < 40;) {
      const page = await read(client, `wait_seconds=20&limit=7${cursor && `&cursor=${cursor}`}`);
      expect(page.count).toBeGreaterThan(0);
      seen.push(...idsOf(page));
      cursor = page.end_cursor;
    }
    await publishing;
    expect([...seen].sort()).toEqual(sent.sort());
  });

  test("without an event in its time is an empty page, with the cursor to go on from", async () => {
    const client = await gateway.createClient();
    const id = await publish(client);
    await eventually(async () => expect((await read(client)).count).toBe(1));
    const { end_cursor } = await read(client);
    const startedAt = performance.now();
    const page = await read(client, `wait_seconds=1&cursor=${end_cursor}`);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
    expect(page).toEqual({ events: [], count: 0, has_more: false, next_cursor: null, end_cursor });
    expect(idsOf(await read(client, "wait_seconds=1"))).toEqual([id]);
  });

  test("goes on waiting when what came does not match its filter", async () => {
    const client = await gateway.createClient();
    const page = read(client, "wait_seconds=20&status=all&event_type=wanted&subscriber=s");
    await untilWaiting(1);
    await publish(client, "other");
    await publish(client, "wanted");
    await eventually(async () => expect((await read(client, "status=all")).count).toBe(2));
    const id = await publish(client, "wanted", { subscriber: "s" });
    expect(idsOf(await page)).toEqual([id]);
  });

  test("that waited too long for a rare type has passed the others for good: its cursor is behind them", async () => {
    const client = await gateway.createClient();
    const first = read(client, "wait_seconds=2&status=all&event_type=rare");
    await untilWaiting(1);
    await publish(client, "common");
    const { end_cursor } = await first;
    expect((await read(client, `status=all&cursor=${end_cursor}`)).count).toBe(0);
    const id = await publish(client, "rare");
    expect(
      idsOf(await read(client, `wait_seconds=20&status=all&event_type=rare&cursor=${end_cursor}`)),
    ).toEqual([id]);
  });

  test("of events that may still come to match keeps its place: a page of failed ones passes over nothing", async () => {
    const client = await gateway.createClient();
    await publish(client);
    await eventually(async () => expect((await read(client)).count).toBe(1));
    const { end_cursor } = await read(client, "wait_seconds=1&status=failed");
    expect((await read(client, `cursor=${end_cursor}`)).count).toBe(1);
  });

  test("that waits is no slow request, neither in the log nor in the metrics", async () => {
    const another = await gateway.startAnother({ SLOW_REQUEST_MS: "700" });
    const client = await gateway.createClient();
    await read(client, "wait_seconds=2", another.url);
    expect(another.logText()).not.toContain("slow request");
    const { text } = await callApi(another.url, "GET", "/metrics");
    const bucket = /request_duration_seconds_bucket\{le="1",method="GET",route="\/api\/inbox"\} (\d+)/.exec(
      text,
    );
    expect(bucket?.[1]).toBe("1");
  });

  test("whose client goes away frees its place", async () => {
    const client = await gateway.createClient();
    const leaving = request(`${gateway.url}/api/inbox?wait_seconds=20`, {
      headers: { "x-api-key": client.apiKey },
      agent: false,
    });
    leaving.on("error", () => undefined).end();
    await untilWaiting(1);
    leaving.destroy();
    await untilWaiting(0);
  });

  test("is answered at once, with an empty page, by a gateway that drains", async () => {
    const another = await gateway.startAnother();
    const client = await gateway.createClient();
    const page = read(client, "wait_seconds=20", another.url);
    await untilWaiting(1, "long_poll", another.url);
    const startedAt = performance.now();
    await another.drain();
    expect((await page).events).toEqual([]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test("of a key that is revoked meanwhile is refused, and gets no event", async () => {
    const client = await gateway.createClient();
    const { body } = await client.request("POST", "/api/keys", { scopes: ["read"] });
    const page = callApi(gateway.url, "GET", "/api/inbox?wait_seconds=20", undefined, {
      "x-api-key": body.api_key as string,
    });
    await untilWaiting(1);
    await client.request("DELETE", `/api/keys/${body.key_id}`);
    const { status, body: problem } = await page;
    expect([status, problem.code]).toEqual([401, "invalid_api_key"]);
  });

  test("whose wake-up was lost is late, and misses nothing", async () => {
    // Under another prefix it hears none of the workers.
    const deaf = await gateway.startAnother({ WAKE_UP_CHECK_MS: "300", REDIS_PREFIX: createTestPrefix() });
    const client = await gateway.createClient();
    const page = read(client, "wait_seconds=20&status=all", deaf.url);
    await untilWaiting(1, "long_poll", deaf.url);
    const id = await publish(client);
    expect(idsOf(await page)).toEqual([id]);
  });

  test.each([
    ["wait_seconds=-1", "wait_seconds"],
    ["wait_seconds=21", "wait_seconds"],
    ["wait_seconds=1.5", "wait_seconds"],
    ["wait_seconds=soon", "wait_seconds"],
    ["wait=21", "wait"],
    ["wait_seconds=1&wait=1", "wait"],
  ])("with %s is refused, never clamped", async (query, pointer) => {
    const client = await gateway.createClient();
    const { status, body } = await client.request("GET", `/api/inbox?${query}`);
    expect([status, body.errors]).toEqual([400, [{ pointer, detail: expect.any(String) }]]);
  });

  test("beyond the cap is a 429 that says when to come back, and a list without a wait goes on", async () => {
    const narrow = await gateway.startAnother({ MAX_WAITERS_PER_ORG: "2" });
    const client = await gateway.createClient();
    const pages = [1, 2].map(() => read(client, "wait_seconds=20", narrow.url));
    await untilWaiting(2, "long_poll", narrow.url);
    const key = { "x-api-key": client.apiKey };
    const third = await callApi(narrow.url, "GET", "/api/inbox?wait_seconds=1", undefined, key);
    expect([third.status, third.body.code, third.headers.get("retry-after")]).toEqual([
      ...[429, "too_many_waiters", "5"],
    ]);
    expect((await read(client, "", narrow.url)).count).toBe(0);
    await publish(client);
    expect((await Promise.all(pages)).map(({ count }) => count)).toEqual([1, 1]);
  });
});

describe("a list's status", () => {
  test("is what its events show: those without a delivery are pending, and each is in one list only", async () => {
    const client = await gateway.createClient();
    const ids = [await publish(client), await publish(client)].sort();
    await eventually(async () => expect((await read(client)).count).toBe(2));
    await client.request("POST", `/api/inbox/ack/${ids[0]}`);
    const found = async (status: string) => idsOf(await read(client, `status=${status}`)).sort();
    expect(await found("pending")).toEqual([ids[1]]);
    expect(await found("undelivered")).toEqual([ids[1]]);
    expect(await found("acknowledged")).toEqual([ids[0]]);
    expect(await found("all")).toEqual(ids);
    for (const status of ["failed", "delivered", "retrying", "quarantined"]) {
      expect(await found(status)).toEqual([]);
    }
  });
});
