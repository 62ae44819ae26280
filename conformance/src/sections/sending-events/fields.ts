import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectFaults, expectProblem, expectTrue } from "../../expect.ts";

const path = "/api/events";
const text255 = "x".repeat(255);

/** JSON whose bytes a parser and a writer would change: order, numbers, escapes, spaces. */
const exactPayload = '{ "z":1.0, "a":12345678901234567890123, "e":"\\u00e9\\/\\u0041", "10":1e2,"2":-0 }';

export const fieldChecks = [
  check("type: string 1..255, [A-Za-z0-9._:/-]", async (world) => {
    const main = await world.organization("main");
    for (const type of ["a", text255, "user.created", "A/b:c-d_e.9"]) await main.publish({ type });
    for (const type of ["", `${text255}x`, "with space", "ü", "a\n", "a+b", 5, null, ["a"]]) {
      expectFaults(await main.call("POST", path, { type, payload: {} }), "/type");
    }
  }),
  check("type: no leading or trailing dot; required", async (world) => {
    const main = await world.organization("main");
    for (const type of [".a", "a.", "."]) {
      expectFaults(await main.call("POST", path, { type, payload: {} }), "/type");
    }
    expectFaults(await main.call("POST", path, { payload: {} }), "/type");
  }),
  check("payload: JSON object, required", async (world) => {
    const main = await world.organization("main");
    await main.publish({ payload: {} });
    for (const payload of [[], "text", 5, true, null]) {
      expectFaults(await main.call("POST", path, { type: "a", payload }), "/payload");
    }
    expectFaults(await main.call("POST", path, { type: "a" }), "/payload");
  }),
  check("payload: kept as the bytes that were sent (key order, big numbers, escapes)", async (world) => {
    const main = await world.organization("main");
    const answer = await main.call("POST", path, `{"type":"a.exact","payload":${exactPayload}}`);
    expectAnswer(answer, 202);
    const { id } = answer.body as { id: string };
    const shown = await eventually(async () => {
      const stored = await main.call("GET", `/api/events/${id}`);
      expectAnswer(stored, 200, { status: "pending" });
      return stored;
    });
    expectTrue(`the bytes ${exactPayload}`, shown.text.includes(`"payload":${exactPayload}`), shown.text);
  }),
  check("dedup_id: string 1..255, optional", async (world) => {
    const main = await world.organization("main");
    await main.publish({ dedup_id: randomUUID().padEnd(255, "x") });
    await main.publish({ dedup_id: `${randomUUID()} ü "\\` });
    for (const dedup_id of ["", `${text255}x`, 5, null, {}]) {
      expectFaults(await main.call("POST", path, { type: "a", payload: {}, dedup_id }), "/dedup_id");
    }
  }),
  check("dedup_id: unique per organization", async (world) => {
    const [main, other] = [await world.organization("main"), await world.organization("other")];
    const dedup_id = randomUUID();
    await main.publish({ dedup_id });
    await other.publish({ dedup_id });
    expectProblem(
      await main.call("POST", path, { type: "b", payload: {}, dedup_id }),
      409,
      "duplicate_event",
    );
  }),
  check("subscriber: string 1..255, optional, opaque", async (world) => {
    const main = await world.organization("main");
    await main.publish({ subscriber: text255 });
    const { id } = (await main.publish({ subscriber: "Kunde №1/ä" })).body as { id: string };
    expectAnswer(await main.call("GET", `${path}/${id}`), 200, { subscriber: "Kunde №1/ä" });
    for (const subscriber of ["", `${text255}x`, 5, null]) {
      expectFaults(await main.call("POST", path, { type: "a", payload: {}, subscriber }), "/subscriber");
    }
  }),
  check("metadata: at most 20 string pairs, kept, shown", async (world) => {
    const main = await world.organization("main");
    const pairs = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`name ${index}`, `value ${index}`]));
    const { id } = (await main.publish({ metadata: pairs(20) })).body as { id: string };
    expectAnswer(await main.call("GET", `${path}/${id}`), 200, { metadata: pairs(20) });
    for (const metadata of [pairs(21), "text", [], null]) {
      expectFaults(await main.call("POST", path, { type: "a", payload: {}, metadata }), "/metadata");
    }
    const answer = await main.call("POST", path, { type: "a", payload: {}, metadata: { a: 1 } });
    expectFaults(answer, "/metadata/a");
    // What a careless copy of the object would lose without a word.
    const inherited = '{"type":"a","payload":{},"metadata":{"__proto__":"x"}}';
    expectFaults(await main.call("POST", path, inherited), "/metadata");
  }),
  check("occurred_at: timestamp, when it happened at the sender", async (world) => {
    const main = await world.organization("main");
    const { id } = (await main.publish({ occurred_at: "2026-01-31T13:00:00.5+01:00" })).body as {
      id: string;
    };
    const shown = await main.call("GET", `${path}/${id}`);
    expectAnswer(shown, 200, { occurred_at: "2026-01-31T12:00:00.500Z" });
    for (const occurred_at of ["yesterday", "2026-01-31", "2026-01-31T12:00:00", 1_700_000_000, null]) {
      expectFaults(await main.call("POST", path, { type: "a", payload: {}, occurred_at }), "/occurred_at");
    }
  }),
];
