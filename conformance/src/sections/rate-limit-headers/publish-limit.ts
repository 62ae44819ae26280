import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { check } from "../../check.ts";
import { NotApplicable } from "../../not-applicable.ts";
import { expectAnswer, expectEqual, expectHeader, expectProblem, expectTrue } from "../../expect.ts";
import type { Answer } from "../../http-call.ts";
import type { Organization, World } from "../../world.ts";
import { rateLimitOf } from "./headers.ts";

const path = "/api/events";
const event = { type: "a.limited", payload: {} };
/** What is left of a window must suffice for a check. */
const enoughSeconds = 15;

/** A free organization with a window that has just begun; or one that lasts long enough. */
async function createLimited(world: World): Promise<{ free: Organization; limit: number }> {
  const free = await world.createOrganization("free");
  const limit = Number(free.generated.rate_limit_per_minute);
  if (limit > 2_000) throw new NotApplicable(`the free tier has ${limit} events a minute here`);
  const { resetSeconds } = rateLimitOf(await free.call("POST", path, {}));
  if (resetSeconds < enoughSeconds) await pause((resetSeconds + 1) * 1_000);
  return resetSeconds < enoughSeconds ? { free, limit } : { free, limit: limit - 1 };
}

export const publishLimitChecks = [
  check("429 on the free tier after 100, with Retry-After in whole seconds ≥ 1", async (world) => {
    const { free, limit } = await createLimited(world);
    for (let number = 0; number < limit; number += 1) await free.publish();
    const refused = await free.call("POST", path, event);
    expectProblem(refused, 429, "rate_limit_exceeded", { retryable: true });
    const seconds = Number(expectHeader(refused, "Retry-After", /^\d+$/));
    expectTrue("1 second at least, a minute at most", seconds >= 1 && seconds <= 60, seconds);
    expectEqual("what remains", rateLimitOf(refused).remaining, 0);
    expectAnswer(await free.call("GET", "/api/inbox"), 200);
  }),
  check("the publish limit is never exceeded, also by requests at once", async (world) => {
    const { free, limit } = await createLimited(world);
    const answers = await Promise.all(
      Array.from({ length: limit + 20 }, () => free.call("POST", path, event)),
    );
    const count = (status: number) => answers.filter((answer: Answer) => answer.status === status).length;
    expectEqual("how many are accepted, and how many a 429", [count(202), count(429)], [limit, 20]);
  }),
  check("400 comes before 429, and 429 before 409", async (world) => {
    const { free, limit } = await createLimited(world);
    const dedup_id = randomUUID();
    await free.publish({ dedup_id });
    const fill = Array.from({ length: limit - 1 }, () => event);
    if (fill.length > 0) expectAnswer(await free.call("POST", "/api/events/batch", { events: fill }), 202);
    expectProblem(await free.call("POST", path, { type: "." }), 400, "invalid_request");
    expectProblem(await free.call("POST", path, { ...event, dedup_id }), 429, "rate_limit_exceeded");
  }),
  check("it recovers by itself", async (world) => {
    if (!world.isSlow) throw new NotApplicable("it takes a minute: run with --slow");
    const { free, limit } = await createLimited(world);
    await Promise.all(Array.from({ length: limit + 1 }, () => free.call("POST", path, event)));
    const refused = await free.call("POST", path, event);
    expectProblem(refused, 429, "rate_limit_exceeded");
    await pause((Number(refused.headers["retry-after"]) + 1) * 1_000);
    expectAnswer(await free.call("POST", path, event), 202);
  }),
];
