import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual } from "../../expect.ts";
import type { Organization } from "../../world.ts";
import { withEndpoint } from "./with-endpoint.ts";

/** To which endpoints an event went, once it is stored. */
function endpointsOf(main: Organization, eventId: string): Promise<string[]> {
  return eventually(async () => {
    const { body } = await main.call("GET", `/api/events/${eventId}`);
    const { status, deliveries } = body as { status: string; deliveries: { endpoint_id: string }[] };
    expectEqual("whether it is stored", status !== "accepted", true);
    return deliveries.map(({ endpoint_id }) => endpoint_id).sort();
  });
}

export const routingChecks = [
  check(
    "an event with a subscriber goes to that subscriber's endpoints and to those without one; one without only to those",
    async (world) => {
      const [mine, another] = [randomUUID(), randomUUID()];
      await withEndpoint(world, {}, async ({ main, receiver, created, type, create }) => {
        const event_types = [type];
        const ofMine = await create({ url: `${receiver.url}/mine`, subscriber: mine, event_types });
        const ofAnother = await create({ url: `${receiver.url}/another`, subscriber: another, event_types });
        const cases: [event: Record<string, unknown>, wanted: string[]][] = [
          [{ subscriber: mine }, [created.id, ofMine.id]],
          [{ subscriber: another }, [created.id, ofAnother.id]],
          [{ subscriber: randomUUID() }, [created.id]],
          [{}, [created.id]],
        ];
        // In one request, so that they are likely stored together too.
        const events = cases.map(([event]) => ({ type, payload: {}, ...event }));
        const { body } = await main.call("POST", "/api/events/batch", { events });
        const { results } = body as { results: { id: string }[] };
        for (const [index, [event, wanted]] of cases.entries()) {
          const { id } = results[index] ?? { id: "" };
          const found = await endpointsOf(main, id);
          expectEqual(`the endpoints of ${JSON.stringify(event)}`, found, wanted.toSorted());
          await receiver.waitFor(wanted.length, id);
        }
      });
    },
  ),
  check("event-type patterns: a type, user.* at any depth but not user itself, *", async (world) =>
    withEndpoint(world, { event_types: ["never.sent"] }, async ({ main, type, call, publish, created }) => {
      for (const [patterns, matching, others] of [
        [[type], [type], [`${type}.a`, `${type}a`]],
        [[`${type}.*`], [`${type}.a`, `${type}.a.b.c`], [type, `${type}a.b`]],
        [["*"], [type, `${type}.a`], []],
        [["never.sent", `${type}.b`], [`${type}.b`], [type, `${type}.c`]],
        [null, [type, `${type}.a`], []],
      ] as const) {
        expectAnswer(await call("PATCH", "", { event_types: patterns }), 200);
        for (const [types, wanted] of [
          [matching, [created.id]],
          [others, []],
        ] as const) {
          for (const one of types) {
            const found = await endpointsOf(main, await publish({ type: one }));
            expectEqual(`the endpoints of ${one} by ${JSON.stringify(patterns)}`, found, wanted);
          }
        }
      }
    }),
  ),
  check("the very next event goes to a new endpoint, and the next after DELETE does not", async (world) =>
    withEndpoint(world, {}, async ({ main, created, publish, call }) => {
      expectEqual("the endpoints", await endpointsOf(main, await publish()), [created.id]);
      expectAnswer(await call("DELETE", ""), 204);
      expectEqual("the endpoints after DELETE", await endpointsOf(main, await publish()), []);
    }),
  ),
];
