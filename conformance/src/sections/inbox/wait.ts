import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectFaults, expectTrue } from "../../expect.ts";
import { text } from "../../shape.ts";
import { idsOf, storeEvents } from "./store-events.ts";

export const inboxWaitChecks = [
  check("wait_seconds=0..20 (old: wait): as soon as there is an event", async (world) => {
    const main = await world.organization("main");
    for (const name of ["wait_seconds", "wait"]) {
      const type = `waited.${randomUUID()}`;
      const waiting = main.call("GET", `/api/inbox?event_type=${type}&${name}=20`);
      const { id } = (await main.publish({ type })).body as { id: string };
      const publishedAt = performance.now();
      const answer = await waiting;
      expectAnswer(answer, 200, { events: [{ id, type }], count: 1, end_cursor: text });
      const waitedMs = performance.now() - publishedAt;
      expectTrue("the event before the wait is over", waitedMs < 15_000, waitedMs);
    }
  }),
  check("wait_seconds: an empty page after that time, and no wait where there is an event", async (world) => {
    const { main, type, ids } = await storeEvents(world);
    const startedAt = performance.now();
    const path = `/api/inbox?event_type=${type}`;
    const answer = await main.call("GET", `${path}&wait_seconds=20`);
    expectEqual("the events", idsOf(answer.body), ids);
    expectTrue("no wait", performance.now() - startedAt < 15_000, performance.now() - startedAt);
    const { end_cursor } = answer.body as { end_cursor: string };
    const waitsFrom = performance.now();
    const empty = await main.call("GET", `${path}&wait_seconds=1&cursor=${encodeURIComponent(end_cursor)}`);
    expectAnswer(empty, 200, { count: 0, has_more: false, next_cursor: null, end_cursor: text });
    expectTrue("a wait of 1 s", performance.now() - waitsFrom > 900, performance.now() - waitsFrom);
  }),
  check("a wait outside its range is a 400", async (world) => {
    const main = await world.organization("main");
    for (const [name, value] of [
      ["wait_seconds", "-1"],
      ["wait_seconds", "21"],
      ["wait_seconds", "1.5"],
      ["wait", "21"],
    ] as const) {
      expectFaults(await main.call("GET", `/api/inbox?${name}=${value}`), name);
    }
  }),
];
