import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { NotApplicable } from "../../not-applicable.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem } from "../../expect.ts";
import { list, text, uuidV7 } from "../../shape.ts";

const path = "/api/events/batch";
const event = (more: object = {}) => ({ type: "a.batch", payload: {}, ...more });
const many = (count: number) => Array.from({ length: count }, () => event());
const ndjson = { "content-type": "application/x-ndjson" };

export const batchChecks = [
  check(
    "batch: one answer per item, in order, partial success: 202 {accepted, duplicates, rejected, results}",
    async (world) => {
      const main = await world.organization("main");
      const dedup_id = randomUUID();
      const { id } = (await main.publish({ dedup_id })).body as { id: string };
      const answer = await main.call("POST", path, {
        events: [event(), event({ dedup_id }), event({ type: "." }), event({ dedup_id: randomUUID() })],
      });
      expectAnswer(answer, 202, { accepted: 2, duplicates: 1, rejected: 1, results: list });
      const { results } = answer.body as { results: Record<string, unknown>[] };
      expectEqual(
        "the items",
        results.map(({ index, status }) => [index, status]),
        [
          [0, "accepted"],
          [1, "duplicate"],
          [2, "rejected"],
          [3, "accepted"],
        ],
      );
      expectEqual("the first event's id", results[1]?.id, id);
      expectAnswer({ ...answer, body: results[0] }, 202, { id: uuidV7 });
      expectAnswer({ ...answer, body: results[2] }, 202, {
        error: { code: text, detail: text, errors: [{ pointer: "/type", detail: text }] },
      });
    },
  ),
  check("batch: a dedup_id that is twice in it is one event", async (world) => {
    const main = await world.organization("main");
    const twice = event({ dedup_id: randomUUID() });
    const answer = await main.call("POST", path, { events: [twice, twice] });
    expectAnswer(answer, 202, { accepted: 1, duplicates: 1, rejected: 0 });
    const { results } = answer.body as { results: { id: string }[] };
    expectEqual("the ids", results[1]?.id, results[0]?.id);
  }),
  check("batch: also application/x-ndjson", async (world) => {
    const main = await world.organization("main");
    const lines = `${JSON.stringify(event())}\n{"type":\n${JSON.stringify(event())}\n`;
    const answer = await main.call("POST", path, lines, ndjson);
    expectAnswer(answer, 202, { accepted: 2, duplicates: 0, rejected: 1 });
  }),
  check("batch: 1..1000 events", async (world) => {
    const main = await world.organization("main");
    expectAnswer(await main.call("POST", path, { events: many(1_000) }), 202, { accepted: 1_000 });
    expectFaults(await main.call("POST", path, { events: many(1_001) }), "/events");
    expectFaults(await main.call("POST", path, { events: [] }), "/events");
    expectProblem(await main.call("POST", path, {}), 400);
  }),
  check("batch: 400 when not one item is valid", async (world) => {
    const main = await world.organization("main");
    expectProblem(await main.call("POST", path, { events: [event({ type: "." }), {}, 5] }), 400);
  }),
  check("batch: 10 MiB", async (world) => {
    const main = await world.organization("main");
    const item = event({ payload: { filler: "x".repeat(250_000) } });
    expectAnswer(await main.call("POST", path, { events: Array.from({ length: 40 }, () => item) }), 202, {
      accepted: 40,
    });
    const tooLarge = { events: Array.from({ length: 43 }, () => item) };
    expectProblem(await main.call("POST", path, tooLarge), 413, "payload_too_large", {
      limit_bytes: 10_485_760,
    });
  }),
  check("batch: an item is under the rules of a single event, its 256 KiB too", async (world) => {
    const main = await world.organization("main");
    const large = event({ payload: { filler: "x".repeat(262_144) } });
    const answer = await main.call("POST", path, { events: [large, event()] });
    expectAnswer(answer, 202, { accepted: 1, rejected: 1 });
  }),
  check("batch: counts as its number of items", async (world) => {
    const main = await world.organization("main");
    const left = async (count: number) => {
      const answer = await main.call("POST", path, { events: many(count) });
      return Number(answer.headers["x-ratelimit-remaining"]);
    };
    // A new window may begin between two of them, once.
    for (let round = 0; round < 2; round += 1) {
      const [before, after] = [await left(1), await left(50)];
      if (after > before) continue;
      expectEqual("what a batch of 50 costs", before - after, 50);
      return;
    }
    throw new NotApplicable("the windows are too short here");
  }),
  check("batch: more items than the tier allows in a minute: 413 batch_exceeds_rate_limit", async (world) => {
    const free = await world.createOrganization("free");
    const limit = Number(free.generated.rate_limit_per_minute);
    if (limit >= 1_000) throw new NotApplicable("the free tier is larger than any batch here");
    const answer = await free.call("POST", path, { events: many(limit + 1) });
    expectProblem(answer, 413, "batch_exceeds_rate_limit");
  }),
  check("batch: Idempotency-Key replays the answer, with another body 422", async (world) => {
    const main = await world.organization("main");
    const headers = { "idempotency-key": randomUUID() };
    const first = await main.call("POST", path, { events: many(2) }, headers);
    const again = await main.call("POST", path, { events: many(2) }, headers);
    expectAnswer(again, 202);
    const idsOf = (answer: { body: unknown }) =>
      (answer.body as { results: { id: string }[] }).results.map(({ id }) => id);
    expectEqual("the replayed ids", idsOf(again), idsOf(first));
    expectEqual("Idempotency-Replayed", again.headers["idempotency-replayed"], "true");
    const other = await main.call("POST", path, { events: many(3) }, headers);
    expectProblem(other, 422, "idempotency_key_reused");
  }),
];
