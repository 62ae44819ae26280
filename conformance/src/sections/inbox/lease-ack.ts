import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem } from "../../expect.ts";
import { timestamp } from "../../shape.ts";
import { idsOf, storeEvents } from "./store-events.ts";

export const leaseAckChecks = [
  check("POST /api/inbox/ack {lease_id}: all of it; 200 {acknowledged, failed, results}", async (world) => {
    const { main, ids, post, lease } = await storeEvents(world, 2);
    const { lease_id } = await lease();
    const answer = await post("ack", { lease_id });
    expectAnswer(answer, 200, {
      ...{ acknowledged: 2, failed: 0 },
      results: [{ status: "acknowledged", acknowledged_at: timestamp }],
    });
    for (const id of ids) {
      const shown = await main.call("GET", `/api/events/${id}`);
      expectAnswer(shown, 200, { status: "acknowledged", inbox_status: "acknowledged" });
    }
    expectEqual("the events of a lease afterwards", (await lease()).events, []);
    expectProblem(await post("ack", { lease_id }), 409, "lease_expired");
  }),
  check("{lease_id, event_ids}: only these; again the same 200", async (world) => {
    const { main, ids, post, lease } = await storeEvents(world, 2);
    const [first = "", second = ""] = ids;
    const { lease_id } = await lease();
    const body = { lease_id, event_ids: [first] };
    const answer = await post("ack", body);
    expectAnswer(answer, 200, { acknowledged: 1, failed: 0, results: [{ event_id: first }] });
    const again = await post("ack", body);
    expectEqual("the second answer", [again.status, again.body], [200, answer.body]);
    const shown = await main.call("GET", `/api/events/${second}`);
    expectAnswer(shown, 200, { inbox_status: "leased" });
  }),
  check("an ack by a lease that ran out counts as long as nobody else has the event", async (world) => {
    const { main, ids, post, lease } = await storeEvents(world);
    const { lease_id } = await lease({ lease_seconds: 1 });
    await eventually(async () => {
      const shown = await main.call("GET", `/api/events/${ids[0] ?? ""}`);
      expectAnswer(shown, 200, { inbox_status: "available" });
    });
    expectAnswer(await post("ack", { lease_id }), 200, { acknowledged: 1, failed: 0 });
  }),
  check("an ack by event_ids always counts, and takes the event from whoever holds it", async (world) => {
    const { ids, post, lease } = await storeEvents(world);
    const { lease_id } = await lease();
    expectAnswer(await post("ack", { event_ids: ids }), 200, { acknowledged: 1 });
    expectProblem(await post("extend", { lease_id, lease_seconds: 60 }), 409, "lease_expired");
  }),
  check("lease_id or event_ids: one of them is needed, and an empty list is a 400", async (world) => {
    const { post, lease } = await storeEvents(world);
    const { lease_id } = await lease();
    expectProblem(await post("ack", {}), 400, "invalid_request");
    expectFaults(await post("ack", { lease_id, event_ids: [] }), "/event_ids");
    expectFaults(await post("release", { lease_id, event_ids: [] }), "/event_ids");
    expectEqual("the events of another lease", idsOf(await lease()), []);
  }),
];
