import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem, expectTrue } from "../../expect.ts";
import { timestamp } from "../../shape.ts";
import { idsOf, storeEvents } from "./store-events.ts";

const unknownId = "0198a000-0000-7000-8000-000000000000";

export const leaseEndChecks = [
  check("POST /api/inbox/extend {lease_id, lease_seconds}: 200; the heartbeat", async (world) => {
    const { main, ids, post, lease } = await storeEvents(world);
    const { lease_id, leased_until } = await lease({ lease_seconds: 2 });
    const answer = await post("extend", { lease_id, lease_seconds: 600 });
    expectAnswer(answer, 200, { lease_id, leased_until: timestamp });
    const until = (answer.body as { leased_until: string }).leased_until;
    expectTrue("a later leased_until", Date.parse(until) > Date.parse(leased_until) + 500_000, until);
    // Longer than the lease was at first.
    expectEqual("the events of another lease", (await lease({ wait_seconds: 4 })).events, []);
    expectAnswer(await main.call("GET", `/api/events/${ids[0] ?? ""}`), 200, { inbox_status: "leased" });
    for (const lease_seconds of [0, 3_601]) {
      expectFaults(await post("extend", { lease_id, lease_seconds }), "/lease_seconds");
    }
    expectFaults(await post("extend", { lease_id }), "/lease_seconds");
  }),
  check("POST /api/inbox/release {lease_id, event_ids?}: 200; nack, at once", async (world) => {
    const { ids, post, lease } = await storeEvents(world, 3);
    const { lease_id } = await lease();
    const [first = "", ...others] = ids;
    const one = await post("release", { lease_id, event_ids: [first] });
    expectAnswer(one, 200, { released: 1, failed: 0, results: [{ event_id: first, status: "released" }] });
    const again = await lease();
    expectEqual("the released event", [idsOf(again), again.events[0]?.lease_count], [[first], 2]);
    expectAnswer(await post("release", { lease_id }), 200, { released: 2, failed: 0 });
    expectEqual("the others", idsOf(await lease()), others);
  }),
  check("release {delay_seconds}: from nobody until then", async (world) => {
    const { main, ids, post, lease } = await storeEvents(world);
    const { lease_id } = await lease();
    expectAnswer(await post("release", { lease_id, delay_seconds: 2 }), 200, { released: 1 });
    expectEqual("the events meanwhile", (await lease()).events, []);
    expectAnswer(await main.call("GET", `/api/events/${ids[0] ?? ""}`), 200, { inbox_status: "leased" });
    const back = await lease({ wait_seconds: 20 });
    expectEqual("the events afterwards", idsOf(back), ids);
    for (const delay_seconds of [-1, 43_201]) {
      const answer = await post("release", { lease_id: back.lease_id, delay_seconds });
      expectFaults(answer, "/delay_seconds");
    }
  }),
  check("a lease that has expired answers 409 lease_expired", async (world) => {
    const { post, lease } = await storeEvents(world);
    const { lease_id } = await lease({ lease_seconds: 1 });
    const other = await lease({ wait_seconds: 20 });
    expectEqual("the number of events of another lease", other.events.length, 1);
    expectProblem(await post("extend", { lease_id, lease_seconds: 60 }), 409, "lease_expired");
    expectProblem(await post("release", { lease_id }), 409, "lease_expired");
    expectProblem(await post("ack", { lease_id }), 409, "lease_expired");
    // The other lease has lost nothing by it.
    expectAnswer(await post("ack", { lease_id: other.lease_id }), 200, { acknowledged: 1 });
  }),
  check("so does one that was released or acknowledged as a whole", async (world) => {
    for (const verb of ["release", "ack"]) {
      const { post, lease } = await storeEvents(world);
      const { lease_id } = await lease();
      expectAnswer(await post(verb, { lease_id }), 200);
      expectProblem(await post("extend", { lease_id, lease_seconds: 60 }), 409, "lease_expired");
      expectProblem(await post("release", { lease_id }), 409, "lease_expired");
    }
  }),
  check("an unknown lease and another organization's: 404", async (world) => {
    const { ids, post, lease } = await storeEvents(world);
    const { lease_id } = await lease();
    const other = await world.organization("other");
    for (const [verb, more] of [
      ["extend", { lease_seconds: 60 }],
      ["release", {}],
      ["ack", {}],
      ["ack", { event_ids: ids }],
    ] as const) {
      const body = { lease_id, ...more };
      expectProblem(await other.call("POST", `/api/inbox/${verb}`, body), 404, "not_found");
      expectProblem(await post(verb, { ...body, lease_id: unknownId }), 404, "not_found");
    }
    expectAnswer(await post("extend", { lease_id, lease_seconds: 60 }), 200, { lease_id });
  }),
  check("unknown fields of extend, release and redrive are a 400", async (world) => {
    const { ids, post, lease } = await storeEvents(world);
    const { lease_id } = await lease();
    for (const [verb, body] of [
      ["extend", { lease_id, lease_seconds: 60, seconds: 1 }],
      ["release", { lease_id, delay: 1 }],
      ["redrive", { event_ids: ids, all: true }],
    ] as const) {
      expectProblem(await post(verb, body), 400, "unknown_field");
    }
    expectFaults(await post("release", {}), "/lease_id");
    expectFaults(await post("redrive", {}), "/event_ids");
  }),
];
