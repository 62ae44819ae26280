import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectFaults } from "../../expect.ts";
import { absent } from "../../shape.ts";
import type { World } from "../../world.ts";
import { idsOf, storeEvents } from "./store-events.ts";

const unknownId = "0198a000-0000-7000-8000-000000000000";
/** What `MAX_LEASES` is where nobody has set it. */
const maxLeases = 5;

async function quarantine(world: World) {
  const stored = await storeEvents(world);
  const { main, post, lease, ids } = stored;
  const id = ids[0] ?? "";
  for (let nth = 1; nth <= maxLeases; nth += 1) {
    const { lease_id, events } = await lease();
    expectEqual("lease_count", [events.length, events[0]?.lease_count], [1, nth]);
    expectAnswer(await post("release", { lease_id }), 200, { released: 1 });
  }
  return { ...stored, id, shown: await main.call("GET", `/api/events/${id}`) };
}

export const quarantineChecks = [
  check("quarantine: after MAX_LEASES (5) leases without an ack; release is a lease too", async (world) => {
    const { main, type, id, shown, lease } = await quarantine(world);
    expectAnswer(shown, 200, { status: "quarantined", inbox_status: "quarantined" });
    expectEqual("the events of a lease", (await lease()).events, []);
    const query = `/api/inbox?event_type=${type}`;
    const listed = await main.call("GET", `${query}&status=quarantined`);
    expectAnswer(listed, 200, { events: [{ id, status: "quarantined", inbox_status: "quarantined" }] });
    expectEqual("the undelivered events", idsOf((await main.call("GET", query)).body), []);
  }),
  check("the last lease that runs out quarantines at that moment", async (world) => {
    const { main, post, lease, ids } = await storeEvents(world);
    for (let nth = 1; nth < maxLeases; nth += 1) {
      expectAnswer(await post("release", { lease_id: (await lease()).lease_id }), 200);
    }
    await lease({ lease_seconds: 1 });
    const path = `/api/events/${ids[0] ?? ""}`;
    await eventually(async () =>
      expectAnswer(await main.call("GET", path), 200, { inbox_status: "quarantined" }),
    );
  }),
  check("POST /api/inbox/redrive {event_ids} puts it back", async (world) => {
    const { main, id, post, lease } = await quarantine(world);
    const answer = await post("redrive", { event_ids: [id, unknownId] });
    expectAnswer(answer, 200, { redriven: 1, failed: 1 });
    const { results } = answer.body as { results: { event_id: string; status: string }[] };
    expectEqual(
      "the results",
      results.map(({ event_id, status }) => [event_id, status]),
      [
        [id, "redriven"],
        [unknownId, "failed"],
      ],
    );
    const shown = await main.call("GET", `/api/events/${id}`);
    expectAnswer(shown, 200, { status: "pending", inbox_status: "available" });
    const { events } = await lease();
    expectEqual("the lease", [events[0]?.id, events[0]?.lease_count], [id, 1]);
  }),
  check(
    "redrive: another organization's and what is not quarantined fail; no UUID is a 400",
    async (world) => {
      const { main, id, ids, post } = await quarantine(world);
      const other = await world.organization("other");
      const refused = await other.call("POST", "/api/inbox/redrive", { event_ids: [id] });
      expectAnswer(refused, 200, { redriven: 0, failed: 1 });
      const available = ((await main.publish()).body as { id: string }).id;
      const mixed = await post("redrive", { event_ids: [available] });
      expectAnswer(mixed, 200, { redriven: 0, failed: 1 });
      expectFaults(await post("redrive", { event_ids: [] }), "/event_ids");
      expectFaults(await post("redrive", { event_ids: [...ids, "no-uuid"] }), "/event_ids/1");
    },
  ),
  check("an ack takes a quarantined event away for good", async (world) => {
    const { main, id } = await quarantine(world);
    expectAnswer(await main.call("POST", `/api/inbox/ack/${id}`), 200, { status: "acknowledged" });
    expectAnswer(await main.call("GET", `/api/events/${id}`), 200, { status: "acknowledged" });
  }),
  check("GET /api/inbox/stats: {available, leased, quarantined, oldest_age_seconds}", async (world) => {
    const fresh = await world.createOrganization();
    const stats = () => fresh.call("GET", "/api/inbox/stats");
    const empty = { available: 0, leased: 0, quarantined: 0 };
    expectAnswer(await stats(), 200, { ...empty, oldest_age_seconds: null, error: absent });
    for (let nth = 0; nth < 3; nth += 1) await fresh.publish();
    await eventually(async () => expectAnswer(await stats(), 200, { ...empty, available: 3 }));
    const lease = { limit: 1, lease_seconds: 600 };
    expectAnswer(await fresh.call("POST", "/api/inbox/lease", lease), 200, { events: [{ lease_count: 1 }] });
    expectAnswer(await stats(), 200, { available: 2, leased: 1, quarantined: 0 });
    const { oldest_age_seconds } = (await stats()).body as { oldest_age_seconds: number };
    expectEqual("an age", oldest_age_seconds >= 0 && oldest_age_seconds < 60, true);
    // The one that is leased stays out of it.
    for (let nth = 0; nth < maxLeases; nth += 1) {
      const { body } = await fresh.call("POST", "/api/inbox/lease", {});
      await fresh.call("POST", "/api/inbox/release", { lease_id: (body as { lease_id: string }).lease_id });
    }
    expectAnswer(await stats(), 200, { available: 0, leased: 1, quarantined: 2, estimated: false });
  }),
];
