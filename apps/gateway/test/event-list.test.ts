import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  createDatabase,
  createPartitions,
  type Database,
  daysOfIds,
  insertEvents,
  lockFeeds,
} from "@triggers/db";
import { createEventId } from "@triggers/domain";
import { type ApiClient, eventually } from "@triggers/testing";
import express from "express";
import { eventListAnswer } from "../src/events/event-list-answers.ts";
import { csvHead, csvLine } from "../src/events/event-csv.ts";
import { exportEvents } from "../src/events/export-events.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let db: Database;

beforeAll(async () => {
  gateway = await startTestGateway();
  await gateway.startWorker();
  db = createDatabase({
    url: gateway.settings.DATABASE_URL ?? "",
    applicationName: "tests",
    maxConnections: 2,
    onConnectionError: () => undefined,
  });
});
afterAll(async () => {
  await db.destroy();
  await gateway.stop();
});

interface Page {
  events: { id: string; type: string }[];
  has_more: boolean;
  next_cursor: string | null;
  end_cursor: string;
}

async function list(client: ApiClient, query = ""): Promise<Page> {
  const { status, body, text } = await client.request("GET", `/api/events?${query}`);
  if (status !== 200) throw new Error(text);
  expect(eventListAnswer.validate(body).error).toBeUndefined();
  return body as Page;
}

/** One after the other, so that their order is known. */
async function publishAll(client: ApiClient, events: Record<string, unknown>[]): Promise<string[]> {
  const ids: string[] = [];
  for (const event of events) {
    const { body } = await client.publish({ payload: {}, ...event });
    ids.push(body.id as string);
    await eventually(async () => expect((await list(client, "limit=1000")).events).toHaveLength(ids.length));
  }
  return ids;
}

const idsOf = ({ events }: Page) => events.map(({ id }) => id);
const exported = (client: ApiClient, accept: string, query = "") =>
  client.request("GET", `/api/events?${query}`, undefined, { accept });

/** Events of an organization, straight into Postgres. */
async function storeEvents(organizationId: string, count: number, payloadBytes: number): Promise<void> {
  const ids = Array.from({ length: count }, () => createEventId(Date.now())).sort();
  await createPartitions(db, daysOfIds(ids));
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto("feeds")
      .values({ organization_id: organizationId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await lockFeeds(tx, new Map([[organizationId, count]]));
    const event = {
      organizationId,
      ...{ type: "bulk", payload: `{"a":"${"x".repeat(payloadBytes)}"}` },
      ...{
        dedupId: null,
        subscriber: null,
        metadata: null,
        cloudevent: null,
        occurredAt: null,
        acknowledgedAt: null,
        erasedAt: null,
      },
      ...{ pendingDeliveries: 0, skippedDeliveries: 0 },
    };
    await insertEvents(
      tx,
      ids.map((id, index) => ({ ...event, id, position: index + 1 })),
    );
  });
}

describe("the list of events (contract, section 2)", () => {
  test("is newest first, and every page follows the one before without a gap", async () => {
    const client = await gateway.createClient();
    const ids = await publishAll(
      client,
      Array.from({ length: 5 }, (_, n) => ({ type: `t.${n}` })),
    );
    const newestFirst = ids.toReversed();
    const first = await list(client, "limit=2");
    expect(idsOf(first)).toEqual(newestFirst.slice(0, 2));
    expect([first.has_more, first.next_cursor]).toEqual([true, first.end_cursor]);
    const second = await list(client, `limit=3&cursor=${first.end_cursor}`);
    expect(idsOf(second)).toEqual(newestFirst.slice(2));
    expect([second.has_more, second.next_cursor]).toEqual([false, null]);
    expect(idsOf(await list(client, "order=asc"))).toEqual(ids);
    expect((await list(await gateway.createClient())).events).toEqual([]);
  });

  test("filters by type, subscriber, dedup id, metadata and time, and by all of them at once", async () => {
    const client = await gateway.createClient();
    const [a, b, c] = await publishAll(client, [
      { type: "a", subscriber: "s", dedup_id: "d-1", metadata: { region: "eu", "a b": "&=" } },
      { type: "b", subscriber: "s", dedup_id: "d-2", metadata: { region: "eu" } },
      { type: "b", metadata: { region: "us" } },
    ]);
    const found = async (query: string) => idsOf(await list(client, query));
    expect(await found("event_type=b")).toEqual([c, b]);
    expect(await found("subscriber=s")).toEqual([b, a]);
    expect(await found("dedup_id=d-1")).toEqual([a]);
    expect(await found("metadata[region]=eu")).toEqual([b, a]);
    expect(await found("metadata%5Bregion%5D=eu&metadata[a%20b]=%26%3D")).toEqual([a]);
    expect(await found("event_type=b&subscriber=s&metadata[region]=eu&status=pending")).toEqual([b]);
    const { body } = await client.request("GET", `/api/events/${b}`);
    const at = (body as { created_at: string }).created_at;
    expect(await found(`since=${at}`)).toEqual([c, b]);
    expect(await found(`until=${at}`)).toEqual([a]);
  });

  test("filters by the status that an event shows", async () => {
    const client = await gateway.createClient();
    const ids = await publishAll(client, [{ type: "a" }, { type: "b" }]);
    await client.request("POST", `/api/inbox/ack/${ids[0]}`);
    expect(idsOf(await list(client, "status=acknowledged"))).toEqual([ids[0]]);
    expect(idsOf(await list(client, "status=pending"))).toEqual([ids[1]]);
    for (const status of ["failed", "delivered", "quarantined"]) {
      expect(idsOf(await list(client, `status=${status}`))).toEqual([]);
    }
  });

  test("refuses what it does not know", async () => {
    const client = await gateway.createClient();
    const queries = ["status=accepted", "limit=0", "limit=1001", "order=up", "metadata=x", "cursor=x"];
    const codeOf = async (query: string) => {
      const { status, body } = await client.request("GET", `/api/events?${query}`);
      return [query, status, (body as { code: string }).code];
    };
    for (const query of queries) expect(await codeOf(query)).toEqual([query, 400, "invalid_request"]);
    for (const query of ["types=a", "metadata[__proto__]=a"])
      expect(await codeOf(query)).toEqual([query, 400, "unknown_field"]);
  });
});

describe("an export", () => {
  test("as NDJSON has every event that matches, with the bytes that were sent, and no page limit", async () => {
    const client = await gateway.createClient();
    const payload = String.raw`{ "z":9007199254740993,"é":1.50E+2, "é":"🎉" }`;
    const { body } = await client.request("POST", "/api/events", `{"type":"a","payload":${payload}}`);
    await eventually(async () => expect((await list(client)).events).toHaveLength(1));
    const { headers, text } = await exported(client, "application/x-ndjson");
    expect(headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
    expect(text.endsWith(`"payload":${payload}}\n`)).toBe(true);
    expect((JSON.parse(text) as { id: string }).id).toBe(body.id);

    const other = await gateway.createClient();
    await storeEvents(other.organizationId, 3_333, 100);
    const idsIn = (lines: string) =>
      lines
        .trimEnd()
        .split("\n")
        .map((line) => (JSON.parse(line) as { id: string }).id);
    const all = idsIn((await exported(other, "application/x-ndjson")).text);
    expect([all.length, new Set(all).size]).toEqual([3_333, 3_333]);
    expect(all).toEqual(all.toSorted().reverse());
    expect(idsIn((await exported(other, "application/x-ndjson", "order=asc")).text)).toEqual(
      all.toReversed(),
    );
    expect(idsIn((await exported(other, "application/x-ndjson", "limit=7")).text)).toEqual(all.slice(0, 7));
  });

  test("as CSV quotes what must be, and gives a spreadsheet no formula", async () => {
    const client = await gateway.createClient();
    await publishAll(client, [
      {
        type: "a",
        dedup_id: '=HYPERLINK("http://x")',
        subscriber: "a\nb",
        payload: { q: '"' },
        metadata: { m: "+1" },
      },
    ]);
    const { headers, text } = await exported(client, "text/csv");
    expect(headers.get("content-type")).toContain("text/csv");
    const [head, ...rest] = text.split("\r\n");
    expect(head).toMatch(/^id,type,subscriber,dedup_id,status,.*,metadata,payload$/);
    const record = rest.join("\r\n");
    expect(record).toContain(`,"a\nb","'=HYPERLINK(""http://x"")",pending,`);
    expect(record.endsWith(`,"{""m"":""+1""}","{""q"":""\\""""}"\r\n`)).toBe(true);
    expect((await exported(await gateway.createClient(), "text/csv")).text).toBe(`${head}\r\n`);
  });

  test("waits for a client that does not read, and ends when it leaves", async () => {
    const organizationId = createEventId(Date.now());
    await storeEvents(organizationId, 200, 250_000);
    const pages = { stalled: 0, reading: 0 };
    const ended: Record<string, Promise<void>> = {};
    const app = express().get("/:client", (req, res) => {
      const client = req.params.client as keyof typeof pages;
      const counting = db.withPlugin({
        transformQuery: ({ node }) => {
          pages[client] += 1;
          return node;
        },
        transformResult: ({ result }) => Promise.resolve(result),
      });
      const deps = { db: counting, drained: new AbortController().signal };
      const format = { mediaType: "text/csv", fileName: "x", head: csvHead, line: csvLine };
      const selection = { organizationId, order: "asc" as const };
      ended[client] = exportEvents(deps, res, { selection, atMost: Infinity, format });
    });
    const server = app.listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const stalled = connect(port, "127.0.0.1");
    stalled.write("GET /stalled HTTP/1.1\r\nHost: x\r\n\r\n");
    await new Promise<void>((resolve) => stalled.once("data", () => resolve()));
    stalled.pause();

    // 50 MB, which the other client gets in the meantime.
    const text = await (await fetch(`http://127.0.0.1:${port}/reading`)).text();
    expect(text.split("\r\n")).toHaveLength(202);
    expect(pages.reading).toBeGreaterThan(10);
    expect(pages.stalled).toBeLessThan(8);

    stalled.destroy();
    await ended.stalled;
    expect(pages.stalled).toBeLessThan(8);
    server.close();
  });
});
