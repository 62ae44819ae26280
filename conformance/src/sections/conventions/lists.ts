import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectProblem } from "../../expect.ts";
import { flag, list, orNull, text } from "../../shape.ts";
import type { Organization, World } from "../../world.ts";

const lists = [
  ["/api/events", "events"],
  ["/api/inbox", "events"],
] as const;
const operatorLists = [
  ["/api/admin/organizations", "organizations"],
  ["/api/admin/dead-letters", "dead_letters"],
  ["/api/admin/audit-log", "audit_log"],
] as const;
const page = { has_more: flag, next_cursor: orNull(text), end_cursor: text };
const allParameters = "limit=1&since=2020-01-01T00:00:00.000Z&until=2099-01-01T00:00:00.000Z";

async function storeTwo(world: World): Promise<Organization> {
  const organization = await world.organization("main");
  const ids = [(await organization.publish()).body, (await organization.publish()).body].map(
    (body) => (body as { id: string }).id,
  );
  for (const id of ids) {
    await eventually(async () =>
      expectAnswer(await organization.call("GET", `/api/events/${id}`), 200, { status: "pending" }),
    );
  }
  return organization;
}

export const listChecks = [
  check("lists answer {<plural noun>: [...], has_more, next_cursor, end_cursor}", async (world) => {
    const main = await storeTwo(world);
    for (const [path, noun] of lists) {
      expectAnswer(await main.call("GET", path), 200, { [noun]: list, ...page });
      expectAnswer(await main.call("GET", `${path}?limit=1`), 200, { has_more: true, next_cursor: text });
    }
  }),
  check("next_cursor is null on the last page, end_cursor is always there", async (world) => {
    const main = await storeTwo(world);
    for (const [path] of lists) {
      const far = `${path}?since=2098-01-01T00:00:00.000Z`;
      expectAnswer(await main.call("GET", far), 200, {
        has_more: false,
        next_cursor: null,
        end_cursor: text,
      });
    }
  }),
  check("a reader can go on from end_cursor later", async (world) => {
    const main = await storeTwo(world);
    const all = await main.call("GET", "/api/inbox?limit=1000");
    const { end_cursor } = all.body as { end_cursor: string };
    const { id } = (await main.publish()).body as { id: string };
    await eventually(async () => {
      const { body } = await main.call("GET", `/api/inbox?cursor=${encodeURIComponent(end_cursor)}`);
      const { events } = body as { events: { id: string }[] };
      expectEqual(
        "the events behind end_cursor",
        events.map((event) => event.id),
        [id],
      );
    });
  }),
  check("every list takes limit, cursor, since, until, order", async (world) => {
    const main = await storeTwo(world);
    for (const [path] of lists) {
      for (const order of ["asc", "desc"]) {
        const first = await main.call("GET", `${path}?${allParameters}&order=${order}`);
        expectAnswer(first, 200, { next_cursor: text });
        const { next_cursor } = first.body as { next_cursor: string };
        const further = `${path}?${allParameters}&order=${order}&cursor=${encodeURIComponent(next_cursor)}`;
        expectAnswer(await main.call("GET", further), 200);
      }
      for (const fault of ["order=up", "since=yesterday", "until=1", "cursor=%00"]) {
        expectProblem(await main.call("GET", `${path}?${fault}`), 400);
      }
    }
  }),
  check("so do the operator's lists", async (world) => {
    for (const [path, noun] of operatorLists) {
      expectAnswer(await world.callAsOperator("GET", path), 200, { [noun]: list, ...page });
      expectAnswer(await world.callAsOperator("GET", `${path}?${allParameters}&order=asc`), 200);
      expectProblem(await world.callAsOperator("GET", `${path}?limits=1`), 400, "unknown_field");
      expectProblem(await world.callAsOperator("GET", `${path}?limit=0`), 400);
    }
  }),
];
