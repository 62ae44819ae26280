import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectHeader, expectProblem } from "../../expect.ts";

const path = "/api/events";
const keyHeader = (key: string) => ({ "idempotency-key": key });

export const idempotencyChecks = [
  check(
    "Idempotency-Key: same key and same body replays the first answer (202, same id, Idempotency-Replayed: true)",
    async (world) => {
      const main = await world.organization("main");
      const headers = keyHeader(randomUUID());
      const first = await main.publish({}, headers);
      expectEqual(
        "Idempotency-Replayed of the first answer",
        first.headers["idempotency-replayed"],
        undefined,
      );
      const again = await main.publish({}, headers);
      expectHeader(again, "Idempotency-Replayed", /^true$/);
      expectEqual("the replayed answer", again.body, first.body);
    },
  ),
  check("422: Idempotency-Key reused with another body", async (world) => {
    const main = await world.organization("main");
    const headers = keyHeader(randomUUID());
    await main.publish({}, headers);
    const other = { type: "a", payload: { another: true } };
    expectProblem(await main.call("POST", path, other, headers), 422, "idempotency_key_reused");
  }),
  check("Idempotency-Key: 1..255 characters", async (world) => {
    const main = await world.organization("main");
    await main.publish({}, keyHeader(randomUUID().padEnd(255, "x")));
    const event = { type: "a", payload: {} };
    expectProblem(await main.call("POST", path, event, keyHeader("x".repeat(256))), 400, "invalid_request");
  }),
  check("two organizations may use the same Idempotency-Key", async (world) => {
    const [main, other] = [await world.organization("main"), await world.organization("other")];
    const headers = keyHeader(randomUUID());
    await main.publish({}, headers);
    const answer = await other.publish({ payload: { another: true } }, headers);
    expectEqual("Idempotency-Replayed", answer.headers["idempotency-replayed"], undefined);
  }),
  check(
    "with both, dedup_id decides whether it is a repeat; an equal key and body makes it a replay (202), else 409",
    async (world) => {
      const main = await world.organization("main");
      const event = { type: "a", payload: {}, dedup_id: randomUUID() };
      const headers = keyHeader(randomUUID());
      const { id } = (await main.publish(event, headers)).body as { id: string };
      const replay = await main.call("POST", path, event, headers);
      expectAnswer(replay, 202, { id });
      expectHeader(replay, "Idempotency-Replayed", /^true$/);
      const otherKey = await main.call("POST", path, event, keyHeader(randomUUID()));
      expectProblem(otherKey, 409, "duplicate_event", { id });
      const otherBody = await main.call("POST", path, { ...event, payload: { another: true } }, headers);
      expectProblem(otherBody, 409, "duplicate_event", { id });
    },
  ),
];
