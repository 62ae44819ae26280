import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem, expectTrue } from "../../expect.ts";
import { orNull, text, timestamp, uuidV7 } from "../../shape.ts";
import { idsOf, storeEvents } from "./store-events.ts";

const path = "/api/inbox/lease";

export const leaseChecks = [
  check("POST /api/inbox/lease: 200 {lease_id, leased_until, events: [… lease_count]}", async (world) => {
    const { main, type, ids } = await storeEvents(world, 2);
    const answer = await main.call("POST", path, { event_types: [type] });
    expectAnswer(answer, 200, {
      ...{ lease_id: text, leased_until: timestamp },
      events: [
        {
          ...{ id: uuidV7, event_id: uuidV7, type, event_type: type, lease_count: 1 },
          ...{ inbox_status: "leased", status: "pending", delivery_status: "none", dedup_id: null },
          ...{ subscriber: orNull(text), created_at: timestamp, updated_at: timestamp },
        },
      ],
    });
    expectEqual("the events, oldest first", idsOf(answer.body), ids);
    const shown = await main.call("GET", `/api/events/${ids[0] ?? ""}`);
    expectAnswer(shown, 200, { inbox_status: "leased", status: "pending" });
  }),
  check("limit 1..100=10", async (world) => {
    const { lease, ids } = await storeEvents(world, 12);
    expectEqual("the events of limit 1", idsOf(await lease({ limit: 1 })), ids.slice(0, 1));
    expectEqual("the events by default", idsOf(await lease()), ids.slice(1, 11));
    expectEqual("the rest, with limit 100", idsOf(await lease({ limit: 100 })), ids.slice(11));
  }),
  check("lease_seconds 1..3600=300", async (world) => {
    const { lease } = await storeEvents(world, 2);
    for (const [body, seconds] of [
      [{ limit: 1 }, 300],
      [{ limit: 1, lease_seconds: 3_600 }, 3_600],
    ] as const) {
      const { leased_until } = await lease(body);
      const off = Math.abs(Date.parse(leased_until) - Date.now() - seconds * 1_000);
      expectTrue(`leased_until in ${seconds} s`, off < 60_000, leased_until);
    }
  }),
  check("a number outside its range is a 400", async (world) => {
    const main = await world.organization("main");
    const faults: Record<string, unknown[]> = {
      limit: [0, 101, 1.5, "5"],
      lease_seconds: [0, 3_601, -1],
      wait_seconds: [-1, 21],
      include_webhook_events: ["yes"],
    };
    for (const [name, values] of Object.entries(faults)) {
      for (const value of values) {
        expectFaults(await main.call("POST", path, { [name]: value }), `/${name}`);
      }
    }
    expectFaults(await main.call("POST", path, { event_types: ["user*"] }), "/event_types/0");
    expectProblem(await main.call("POST", path, { limits: 1 }), 400, "unknown_field");
  }),
  check("event_types: patterns as an endpoint has them", async (world) => {
    const { main, type, ids, lease } = await storeEvents(world);
    const below = ((await main.publish({ type: `${type}.a.b` })).body as { id: string }).id;
    await eventually(async () =>
      expectEqual("the events below", idsOf(await lease({ event_types: [`${type}.*`] })), [below]),
    );
    expectEqual("the event itself", idsOf(await lease()), ids);
  }),
  check("no two live leases ever hold the same event", async (world) => {
    const { lease, ids } = await storeEvents(world, 40);
    const leases = await Promise.all(Array.from({ length: 12 }, () => lease({ limit: 5 })));
    const found = leases.flatMap(idsOf);
    // One that another lease had its hands on just then may be left over.
    await eventually(async () => {
      found.push(...idsOf(await lease({ limit: 100 })));
      expectEqual("the leased events", found.toSorted(), ids.toSorted());
    });
  }),
  check("a lease of nothing: 200 with lease_id null and no events", async (world) => {
    const main = await world.organization("main");
    const answer = await main.call("POST", path, { event_types: [`none.${randomUUID()}`] });
    expectAnswer(answer, 200, { lease_id: null, leased_until: null });
    expectEqual("the events", idsOf(answer.body), []);
  }),
  check("wait_seconds 0..20=0: for the first event", async (world) => {
    const { main, type, lease } = await storeEvents(world);
    await lease();
    const startedAt = performance.now();
    const none = await lease({ wait_seconds: 1 });
    expectEqual("the events of an empty wait", none.events, []);
    expectTrue("a wait of 1 s", performance.now() - startedAt > 900, performance.now() - startedAt);
    const waiting = lease({ wait_seconds: 20 });
    const { id } = (await main.publish({ type })).body as { id: string };
    const publishedAt = performance.now();
    expectEqual("the events", idsOf(await waiting), [id]);
    const waitedMs = performance.now() - publishedAt;
    expectTrue("the event before the wait is over", waitedMs < 15_000, waitedMs);
  }),
  check("a lease that runs out gives its events back, with lease_count 2", async (world) => {
    const { main, ids, lease } = await storeEvents(world);
    await lease({ lease_seconds: 1 });
    expectEqual("the events of another lease meanwhile", (await lease()).events, []);
    await eventually(async () => {
      const shown = await main.call("GET", `/api/events/${ids[0] ?? ""}`);
      expectAnswer(shown, 200, { inbox_status: "available" });
    });
    const { events } = await lease();
    expectEqual("its lease_count", events[0]?.lease_count, 2);
  }),
];
