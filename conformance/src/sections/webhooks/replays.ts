import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectFaults, expectHeader, expectProblem } from "../../expect.ts";
import type { Answer } from "../../http-call.ts";
import { count, oneOf, timestamp, uuidV7 } from "../../shape.ts";
import { type Replay, untilFinished } from "./finished-replay.ts";
import { type WithEndpoint, withEndpoint } from "./with-endpoint.ts";

const unknownId = "0198a000-0000-7000-8000-000000000000";
const span = () => ({
  since: new Date(Date.now() - 3_600_000).toISOString(),
  until: new Date(Date.now() + 60_000).toISOString(),
});

/** Asks for it and answers what came of it. */
async function replayed({ main, call }: WithEndpoint, fields: Record<string, unknown>): Promise<Replay> {
  const answer = await call("POST", "/replay", { ...span(), ...fields });
  expectAnswer(answer, 202, { replay_id: uuidV7, status: oneOf("running", "completed") });
  return untilFinished(main, (answer.body as Replay).replay_id);
}

const figures = ({ status, matched, enqueued, skipped }: Replay) => [status, matched, enqueued, skipped];

export const replayChecks = [
  check(
    "POST :id/replay {since, until} → 202 {replay_id, status} with Location; GET /api/replays[/:id]",
    async (world) =>
      withEndpoint(world, { retry_schedule: [0] }, async (one) => {
        const { main, call, created, receiver, publish, delivery } = one;
        receiver.respondWith((res) => res.writeHead(500).end());
        const failed = [await publish(), await publish()];
        for (const id of failed) await delivery(id, "failed");
        receiver.respondWith((res) => res.end());
        const good = await publish();
        await delivery(good, "delivered");
        const answer = await call("POST", "/replay", span());
        expectAnswer(answer, 202, { replay_id: uuidV7, status: oneOf("running", "completed") });
        const { replay_id } = answer.body as Replay;
        expectHeader(answer, "Location", new RegExp(`^/api/replays/${replay_id}$`));
        expectEqual("the failed ones", figures(await untilFinished(main, replay_id)), ["completed", 2, 2, 0]);
        for (const id of failed) {
          await receiver.waitFor(2, id);
          const { attempts } = await delivery(id, "delivered");
          expectEqual(
            "the triggers",
            attempts.map(({ trigger }) => trigger),
            ["schedule", "replay"],
          );
        }
        expectEqual("the webhooks of the delivered one", (await receiver.waitFor(1, good)).length, 1);
        const listed = await main.call("GET", `/api/replays?endpoint_id=${created.id}`);
        expectAnswer(listed, 200, {
          replays: [
            { replay_id, endpoint_id: created.id, only: "failed", finished_at: timestamp, matched: count },
          ],
        });
      }),
  ),
  check('only: "missing": what the endpoint would get today and never got', async (world) =>
    withEndpoint(world, { event_types: ["never.sent"] }, async (one) => {
      const { main, type, call, receiver, publish, delivery } = one;
      const ids = [await publish(), await publish({ type: `${type}.b` })];
      // Whatever is stored after the change would go to the endpoint by itself.
      await eventually(async () => {
        for (const id of ids) {
          const { body } = await main.call("GET", `/api/events/${id}`);
          expectEqual("its status", (body as { status: string }).status, "pending");
        }
      });
      await call("PATCH", "", { event_types: [`${type}.*`, type] });
      const later = await publish();
      await delivery(later, "delivered");
      expectEqual(
        "one type only",
        figures(await replayed(one, { only: "missing", event_types: [`${type}.b`] })),
        [...["completed", 1, 1, 0]],
      );
      await receiver.waitFor(1, ids[1] ?? "");
      expectEqual("the rest", figures(await replayed(one, { only: "missing", event_types: [type] })), [
        "completed",
        1,
        1,
        0,
      ]);
      await receiver.waitFor(1, ids[0] ?? "");
      expectEqual("none twice", figures(await replayed(one, { only: "missing", event_types: [type] })), [
        "completed",
        0,
        0,
        0,
      ]);
      expectEqual("the webhooks", receiver.received.length, 3);
    }),
  ),
  check('only: "skipped" and "all"', async (world) =>
    withEndpoint(world, { enabled: false }, async (one) => {
      const { call, receiver, publish, delivery } = one;
      const skipped = await publish();
      await delivery(skipped, "skipped");
      await call("POST", "/enable");
      const good = await publish();
      await delivery(good, "delivered");
      expectEqual("skipped", figures(await replayed(one, { only: "skipped" })), ["completed", 1, 1, 0]);
      await delivery(skipped, "delivered");
      expectEqual("all", figures(await replayed(one, { only: "all" })), ["completed", 2, 2, 0]);
      for (const id of [skipped, good]) await receiver.waitFor(2, id);
    }),
  ),
  check("since and until are needed and in order; only and event_types are checked", async (world) =>
    withEndpoint(world, {}, async ({ call }) => {
      const { since, until } = span();
      expectFaults(await call("POST", "/replay", {}), "/since", "/until");
      expectFaults(await call("POST", "/replay", { since, until: "tomorrow" }), "/until");
      expectProblem(await call("POST", "/replay", { since: until, until: since }), 400, "invalid_request");
      expectFaults(await call("POST", "/replay", { since, until, only: "delivered" }), "/only");
      expectFaults(await call("POST", "/replay", { since, until, event_types: ["user*"] }), "/event_types/0");
      expectProblem(await call("POST", "/replay", { since, until, types: [] }), 400, "unknown_field");
    }),
  ),
  check("POST /api/deliveries/retry {endpoint_id?, since?, until?} → 202 with Location", async (world) =>
    withEndpoint(world, { retry_schedule: [0] }, async ({ main, created, receiver, publish, delivery }) => {
      receiver.respondWith((res) => res.writeHead(500).end());
      const ids = [await publish(), await publish()];
      for (const id of ids) await delivery(id, "failed");
      receiver.respondWith((res) => res.end());
      const path = "/api/deliveries/retry";
      const past = {
        endpoint_id: created.id,
        since: "2020-01-01T00:00:00.000Z",
        until: "2020-01-02T00:00:00.000Z",
      };
      const none = await main.call("POST", path, past);
      expectEqual("of 2020", figures(await untilFinished(main, (none.body as Replay).replay_id)), [
        "completed",
        0,
        0,
        0,
      ]);
      const answer = await main.call("POST", path, { endpoint_id: created.id });
      expectAnswer(answer, 202, { replay_id: uuidV7, status: oneOf("running", "completed") });
      const { replay_id } = answer.body as Replay;
      expectHeader(answer, "Location", new RegExp(`^/api/replays/${replay_id}$`));
      expectEqual("the failed ones", figures(await untilFinished(main, replay_id)), ["completed", 2, 2, 0]);
      for (const id of ids) await delivery(id, "delivered");
      expectProblem(await main.call("POST", path, { endpoint_id: unknownId }), 404, "not_found");
      expectFaults(await main.call("POST", path, { endpoint_id: "no-uuid" }), "/endpoint_id");
      expectProblem(await main.call("POST", path, { endpoints: [] }), 400, "unknown_field");
      const all = await main.call("POST", path, {});
      expectAnswer(all, 202, { endpoint_id: null });
      await untilFinished(main, (all.body as Replay).replay_id);
    }),
  ),
  check("a replay is a 404 to another organization, and an unknown one too", async (world) =>
    withEndpoint(world, {}, async (one) => {
      const { replay_id } = await replayed(one, {});
      const other = await world.organization("other");
      for (const method of ["GET", "DELETE"]) {
        expectProblem(await other.call(method, `/api/replays/${replay_id}`), 404, "not_found");
        expectProblem(await one.main.call(method, `/api/replays/${unknownId}`), 404, "not_found");
      }
      expectProblem(await one.main.call("GET", "/api/replays?status=lost"), 400, "invalid_request");
    }),
  ),
  check("one running replay per endpoint (409); DELETE cancels, 204", async (world) =>
    withEndpoint(world, { event_types: ["never.sent"] }, async ({ main, type, call }) => {
      const events = Array.from({ length: 1_000 }, () => ({ type, payload: { a: 1 } }));
      for (let nth = 0; nth < 2; nth += 1) {
        expectAnswer(await main.call("POST", "/api/events/batch", { events }), 202, { accepted: 1_000 });
      }
      await eventually(async () => {
        const stored = await main.call("GET", `/api/inbox?event_type=${type}&offset=1999&limit=1`);
        expectAnswer(stored, 200, { count: 1 });
      });
      await call("PATCH", "", { event_types: [type] });
      const ask = () => call("POST", "/replay", { ...span(), only: "missing", event_types: [type] });
      const answers: Answer[] = await Promise.all([ask(), ask(), ask()]);
      const started = answers.filter(({ status }) => status === 202).map(({ body }) => body as Replay);
      expectEqual("the statuses", answers.map(({ status }) => status).sort(), [202, 409, 409]);
      for (const answer of answers) if (answer.status === 409) expectProblem(answer, 409, "replay_running");
      const id = started[0]?.replay_id ?? "";
      const cancelled = await main.call("DELETE", `/api/replays/${id}`);
      expectEqual("the answer", [cancelled.status, cancelled.text], [204, ""]);
      expectEqual("its status", (await untilFinished(main, id)).status, "cancelled");
      // What ran before is over, so that another may run; it ends with its endpoint.
      const next = await ask();
      expectAnswer(next, 202, { status: oneOf("running", "completed") });
      await main.call("DELETE", `/api/replays/${(next.body as Replay).replay_id}`);
    }),
  ),
];
