import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem } from "../../expect.ts";
import { list, text, timestamp } from "../../shape.ts";
import type { Organization, World } from "../../world.ts";

const unknownId = "0198a000-0000-7000-8000-000000000000";
const acknowledged = (id: string) => ({
  ...{ id, event_id: id, status: "acknowledged", acknowledged_at: timestamp, success: true, message: text },
});

async function publishStored(world: World): Promise<{ main: Organization; id: string }> {
  const main = await world.organization("main");
  const { id } = (await main.publish()).body as { id: string };
  await eventually(async () =>
    expectAnswer(await main.call("GET", `/api/events/${id}`), 200, { status: "pending" }),
  );
  return { main, id };
}

export const ackChecks = [
  check(
    "POST /api/inbox/ack/:event_id: 200 {id, event_id, status, acknowledged_at, success: true, message}; again the same 200",
    async (world) => {
      const { main, id } = await publishStored(world);
      const first = await main.call("POST", `/api/inbox/ack/${id}`);
      expectAnswer(first, 200, acknowledged(id));
      const again = await main.call("POST", `/api/inbox/ack/${id}`);
      expectEqual("the second answer", [again.status, again.body], [200, first.body]);
    },
  ),
  check("old: POST /api/ack/:event_id", async (world) => {
    const { main, id } = await publishStored(world);
    expectAnswer(await main.call("POST", `/api/ack/${id}`), 200, acknowledged(id));
  }),
  check("right after the 202 too", async (world) => {
    const main = await world.organization("main");
    for (let round = 0; round < 10; round += 1) {
      const { id } = (await main.publish()).body as { id: string };
      const answer = await main.call("POST", `/api/inbox/ack/${id}`);
      expectAnswer(answer, 200, acknowledged(id));
      await eventually(async () => {
        const { body } = await main.call("GET", "/api/inbox?status=acknowledged&order=desc&limit=20");
        const ids = (body as { events: { id: string }[] }).events.map((event) => event.id);
        expectEqual("whether it is listed as acknowledged", ids.includes(id), true);
      });
    }
  }),
  check("nothing is deleted", async (world) => {
    const { main, id } = await publishStored(world);
    expectAnswer(await main.call("POST", `/api/inbox/ack/${id}`), 200);
    const shown = { id, status: "acknowledged", inbox_status: "acknowledged", payload: { a: 1 } };
    expectAnswer(await main.call("GET", `/api/events/${id}`), 200, shown);
  }),
  check("unknown or another organization's: 404; not a UUID: 400", async (world) => {
    const { main, id } = await publishStored(world);
    expectProblem(await main.call("POST", `/api/inbox/ack/${unknownId}`), 404, "not_found");
    expectProblem(
      await (await world.organization("other")).call("POST", `/api/inbox/ack/${id}`),
      404,
      "not_found",
    );
    expectProblem(await main.call("POST", "/api/inbox/ack/no-uuid"), 400, "invalid_request");
  }),
  check("POST /api/inbox/ack {event_ids: [1..1000]}: 200 {acknowledged, failed, results}", async (world) => {
    const { main, id } = await publishStored(world);
    const answer = await main.call("POST", "/api/inbox/ack", { event_ids: [id, unknownId] });
    expectAnswer(answer, 200, { acknowledged: 1, failed: 1, results: list });
    const { results } = answer.body as { results: { event_id: string; status: string }[] };
    expectEqual(
      "the results",
      results.map(({ event_id, status }) => [event_id, status]),
      [
        [id, "acknowledged"],
        [unknownId, "failed"],
      ],
    );
    const thousand = Array.from({ length: 1_000 }, () => unknownId);
    expectAnswer(await main.call("POST", "/api/inbox/ack", { event_ids: thousand }), 200, { failed: 1_000 });
    expectFaults(await main.call("POST", "/api/inbox/ack", { event_ids: [...thousand, id] }), "/event_ids");
    expectFaults(await main.call("POST", "/api/inbox/ack", { event_ids: [] }), "/event_ids");
    expectFaults(await main.call("POST", "/api/inbox/ack", { event_ids: ["no-uuid"] }), "/event_ids/0");
    expectProblem(await main.call("POST", "/api/inbox/ack", {}), 400);
  }),
];
