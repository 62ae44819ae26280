import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectProblem } from "../../expect.ts";
import { absent, count, flag, list, oneOf, orNull, text, timestamp, uuidV7 } from "../../shape.ts";
import type { Organization, World } from "../../world.ts";

const path = "/api/inbox";

async function idsAt(organization: Organization, query: string): Promise<string[]> {
  const answer = await organization.call("GET", `${path}?${query}`);
  expectAnswer(answer, 200);
  return (answer.body as { events: { id: string }[] }).events.map(({ id }) => id);
}

/** Stored events of a subscriber of their own, in the order of persistence. */
async function store(world: World, types: string[]) {
  const main = await world.organization("main");
  const subscriber = randomUUID();
  const ids: string[] = [];
  for (const type of types) {
    ids.push(((await main.publish({ type, subscriber })).body as { id: string }).id);
    await eventually(async () =>
      expectEqual("the stored events", await idsAt(main, `subscriber=${subscriber}`), ids),
    );
  }
  return { main, subscriber, ids, mine: `subscriber=${subscriber}` };
}

export const inboxListChecks = [
  check(
    "the inbox of a new organization is empty: 200 {events, count, has_more, next_cursor, end_cursor}",
    async (world) => {
      const fresh = await world.createOrganization();
      const answer = await fresh.call("GET", path);
      expectAnswer(answer, 200, { count: 0, has_more: false, next_cursor: null, end_cursor: text });
      expectEqual("the events", (answer.body as { events: unknown }).events, []);
    },
  ),
  check(
    "with events: {id, event_id, type, event_type, payload, dedup_id, subscriber, metadata, status, …}",
    async (world) => {
      const { main, mine, ids } = await store(world, ["inbox.shown"]);
      const answer = await main.call("GET", `${path}?${mine}`);
      expectAnswer(answer, 200, {
        ...{ count: 1, has_more: flag, next_cursor: null, end_cursor: text },
        events: [
          {
            ...{ id: uuidV7, event_id: ids[0] ?? "", type: "inbox.shown", event_type: "inbox.shown" },
            ...{ payload: { a: 1 }, dedup_id: null, subscriber: text, metadata: orNull(oneOf()) },
            ...{ status: "pending", inbox_status: "available", delivery_status: "none", attempts: count },
            ...{ response_status: null, last_error: null, occurred_at: null },
            ...{ created_at: timestamp, updated_at: timestamp },
          },
        ],
      });
    },
  ),
  check(
    "paginated: limit=1..1000, a reader that follows the cursor misses nothing, oldest first",
    async (world) => {
      const { main, mine, ids } = await store(world, ["a", "b", "c", "d", "e"]);
      const found: string[] = [];
      let cursor = "";
      for (let page = 0; page < 4; page += 1) {
        const answer = await main.call("GET", `${path}?${mine}&limit=2${cursor}`);
        expectAnswer(answer, 200, { events: list, has_more: page < 2 });
        const { events, next_cursor } = answer.body as {
          events: { id: string }[];
          next_cursor: string | null;
        };
        found.push(...events.map(({ id }) => id));
        if (next_cursor === null) break;
        cursor = `&cursor=${encodeURIComponent(next_cursor)}`;
      }
      expectEqual("the events of all pages", found, ids);
    },
  ),
  check("event_type=, subscriber=, order=", async (world) => {
    const { main, mine, ids } = await store(world, ["a", "b", "a"]);
    expectEqual("by event_type", await idsAt(main, `${mine}&event_type=a`), [ids[0], ids[2]]);
    expectEqual("order=desc", await idsAt(main, `${mine}&order=desc`), ids.toReversed());
    expectEqual("of nobody", await idsAt(main, `subscriber=${randomUUID()}`), []);
  }),
  check(
    "default: undelivered; status=pending|retrying|delivered|failed|acknowledged|quarantined|all",
    async (world) => {
      const { main, mine, ids } = await store(world, ["a", "b"]);
      const [first = "", second] = ids;
      expectAnswer(await main.call("POST", `${path}/ack/${first}`), 200);
      const expected = {
        pending: [second],
        acknowledged: [first],
        all: ids,
        retrying: [],
        delivered: [],
        failed: [],
        quarantined: [],
      };
      for (const [status, wanted] of Object.entries(expected)) {
        expectEqual(`status=${status}`, await idsAt(main, `${mine}&status=${status}`), wanted);
      }
      expectEqual("by default", await idsAt(main, mine), [second]);
      expectProblem(await main.call("GET", `${path}?status=lost`), 400, "invalid_request");
    },
  ),
  check("offset 0..10 000 (old)", async (world) => {
    const { main, mine, ids } = await store(world, ["a", "b", "c"]);
    expectEqual("behind two", await idsAt(main, `${mine}&offset=2`), ids.slice(2));
    expectEqual("behind 10 000", await idsAt(main, `${mine}&offset=10000`), []);
    expectProblem(await main.call("GET", `${path}?offset=10001`), 400, "invalid_request");
  }),
  check("an answer holds nothing of another organization", async (world) => {
    const { ids, mine } = await store(world, ["a"]);
    const other = await world.organization("other");
    expectEqual("the events", await idsAt(other, mine), []);
    const all = await other.call("GET", `${path}?status=all&limit=1000`);
    expectAnswer(all, 200, { error: absent });
    expectEqual("whether its id is there", all.text.includes(ids[0] ?? ""), false);
  }),
];
