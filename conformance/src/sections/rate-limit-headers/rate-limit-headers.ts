import { check } from "../../check.ts";
import { NotApplicable } from "../../not-applicable.ts";
import { expectEqual, expectTrue } from "../../expect.ts";
import type { Answer } from "../../http-call.ts";
import { rateLimitOf } from "./headers.ts";

const someId = "0198a000-0000-7000-8000-000000000000";

/** What a call costs, measured between two others; a new window may begin between them, once. */
async function costOf(measure: () => Promise<Answer>, act: () => Promise<unknown>): Promise<number> {
  for (let round = 0; round < 2; round += 1) {
    const before = rateLimitOf(await measure()).remaining;
    await act();
    const after = rateLimitOf(await measure()).remaining;
    if (after < before) return before - after - 1;
  }
  throw new NotApplicable("the windows are too short here");
}

export const rateLimitChecks = [
  check(
    "on every answer of a limited route: X-RateLimit-Limit, -Remaining, -Reset, RateLimit-Policy and RateLimit",
    async (world) => {
      const main = await world.organization("main");
      const reader = await main.call("POST", "/api/keys", { scopes: ["read"] });
      const readKey = (reader.body as { api_key: string }).api_key;
      const answers = [
        reader,
        await main.publish(),
        await main.call("POST", "/api/events", "{"),
        await main.call("POST", "/api/events", "x", { "content-type": "text/plain" }),
        await main.call("POST", "/api/events", "x".repeat(262_145)),
        await main.callWith(readKey, "POST", "/api/events", {}),
        await main.call("POST", "/api/events/batch", { events: [{}] }),
        await main.call("GET", "/api/events"),
        await main.call("GET", "/api/events?colour=red"),
        await main.call("GET", `/api/events/${someId}`),
        await main.call("DELETE", `/api/events/${someId}`),
        await main.call("GET", "/api/inbox"),
        await main.call("POST", `/api/inbox/ack/${someId}`),
        await main.call("GET", "/api/keys"),
        await main.call("GET", "/api/webhook/config"),
      ];
      for (const answer of answers) rateLimitOf(answer);
    },
  ),
  check("the tier is the publish budget", async (world) => {
    const main = await world.organization("main");
    expectEqual("the limit", rateLimitOf(await main.publish()).limit, main.generated.rate_limit_per_minute);
  }),
  check("1 per event; refused requests cost 1", async (world) => {
    const main = await world.organization("main");
    const measure = () => main.publish();
    expectEqual("what an event costs", await costOf(measure, () => main.publish()), 1);
    expectEqual("what a 400 costs", await costOf(measure, () => main.call("POST", "/api/events", {})), 1);
    const dedup_id = someId + String(Math.random());
    await main.publish({ dedup_id });
    const repeat = { type: "a", payload: {}, dedup_id };
    expectEqual("what a 409 costs", await costOf(measure, () => main.call("POST", "/api/events", repeat)), 1);
  }),
  check("all other keyed routes share a second budget of ten times that", async (world) => {
    const main = await world.organization("main");
    const measure = () => main.call("GET", "/api/keys");
    const { limit } = rateLimitOf(await measure());
    expectEqual("the limit", limit, 10 * Number(main.generated.rate_limit_per_minute));
    const others = [
      () => main.call("GET", "/api/inbox"),
      () => main.call("GET", "/api/events"),
      () => main.call("GET", "/api/webhook/config"),
    ];
    for (const act of others) expectEqual("what it costs", await costOf(measure, act), 1);
    expectEqual("what an event costs of it", await costOf(measure, () => main.publish()), 0);
  }),
  check("routes without a key have no such headers", async (world) => {
    const { headers } = await world.call("GET", "/health");
    expectTrue(
      "no X-RateLimit-Limit",
      headers["x-ratelimit-limit"] === undefined,
      headers["x-ratelimit-limit"],
    );
  }),
];
