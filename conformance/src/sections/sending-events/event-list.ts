import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectHeader, expectProblem } from "../../expect.ts";
import type { Organization, World } from "../../world.ts";

const path = "/api/events";

async function idsAt(organization: Organization, query: string): Promise<string[]> {
  const answer = await organization.call("GET", `${path}?${query}`);
  expectAnswer(answer, 200);
  return (answer.body as { events: { id: string }[] }).events.map(({ id }) => id);
}

/** Three stored events that only their subscriber has in common, oldest first. */
async function storeThree(world: World) {
  const main = await world.organization("main");
  const subscriber = randomUUID();
  const dedup_id = randomUUID();
  const ids: string[] = [];
  const events = [
    { type: "list.first", metadata: { number: "1", colour: "red" } },
    { type: "list.second", dedup_id },
    { type: "list.first", metadata: { number: "3", colour: "red" } },
  ];
  for (const event of events) {
    ids.push(((await main.publish({ ...event, subscriber })).body as { id: string }).id);
    // Stored one after the other, so that their order is known.
    await eventually(async () => {
      expectEqual("the stored events", (await idsAt(main, `subscriber=${subscriber}`)).length, ids.length);
    });
  }
  return { main, subscriber, dedup_id, ids };
}

export const eventListChecks = [
  check("GET /api/events?event_type=&status=&subscriber=&dedup_id=…, newest first", async (world) => {
    const { main, subscriber, dedup_id, ids } = await storeThree(world);
    const [first, second, third] = ids;
    const mine = `subscriber=${subscriber}`;
    const newestFirst = [third, second, first];
    expectEqual("newest first", await idsAt(main, mine), newestFirst);
    expectEqual("order=asc", await idsAt(main, `${mine}&order=asc`), ids);
    expectEqual("by event_type", await idsAt(main, `${mine}&event_type=list.first`), [third, first]);
    expectEqual("by dedup_id", await idsAt(main, `dedup_id=${dedup_id}`), [second]);
    expectEqual("by status", await idsAt(main, `${mine}&status=pending`), newestFirst);
    expectEqual("by another status", await idsAt(main, `${mine}&status=delivered`), []);
    expectProblem(await main.call("GET", `${path}?status=lost`), 400, "invalid_request");
  }),
  check("metadata: filterable in lists", async (world) => {
    const { main, subscriber, ids } = await storeThree(world);
    const mine = `subscriber=${subscriber}`;
    const red = encodeURIComponent("metadata[colour]");
    const number = encodeURIComponent("metadata[number]");
    expectEqual("by one pair", await idsAt(main, `${mine}&${red}=red`), [ids[2], ids[0]]);
    expectEqual("by two pairs", await idsAt(main, `${mine}&${red}=red&${number}=1`), [ids[0]]);
  }),
  check("pages by next_cursor, each event once", async (world) => {
    const { main, subscriber, ids } = await storeThree(world);
    const found: string[] = [];
    let cursor = "";
    do {
      const answer = await main.call("GET", `${path}?subscriber=${subscriber}&limit=1${cursor}`);
      const { events, next_cursor } = answer.body as { events: { id: string }[]; next_cursor: string | null };
      found.push(...events.map(({ id }) => id));
      cursor = next_cursor === null ? "" : `&cursor=${encodeURIComponent(next_cursor)}`;
    } while (cursor !== "" && found.length <= ids.length);
    expectEqual("the events of all pages", found, ids.toReversed());
  }),
  check("Accept: application/x-ndjson streams an export", async (world) => {
    const { main, subscriber, ids } = await storeThree(world);
    const headers = { accept: "application/x-ndjson" };
    const answer = await main.call("GET", `${path}?subscriber=${subscriber}&order=asc`, undefined, headers);
    expectAnswer(answer, 200);
    expectHeader(answer, "content-type", /^application\/x-ndjson/);
    const lines = answer.text.trim().split("\n");
    expectEqual(
      "the lines",
      lines.map((line) => (JSON.parse(line) as { id: string }).id),
      ids,
    );
  }),
  check("Accept: text/csv streams an export", async (world) => {
    const { main, subscriber, ids } = await storeThree(world);
    const headers = { accept: "text/csv" };
    const answer = await main.call("GET", `${path}?subscriber=${subscriber}&order=asc`, undefined, headers);
    expectAnswer(answer, 200);
    expectHeader(answer, "content-type", /^text\/csv/);
    const [head = "", ...lines] = answer.text.trim().split(/\r?\n/);
    const column = head.split(",").indexOf("id");
    expectEqual(
      "the ids",
      lines.map((line) => line.split(",")[column]),
      ids,
    );
  }),
];
