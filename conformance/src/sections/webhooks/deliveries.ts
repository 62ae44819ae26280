import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectProblem, expectTrue } from "../../expect.ts";
import { flag, matching, oneOf, orNull, text, timestamp } from "../../shape.ts";
import type { Organization } from "../../world.ts";
import { untilFinished } from "./finished-replay.ts";
import { withEndpoint } from "./with-endpoint.ts";

const unknownId = "0198a000-0000-7000-8000-000000000000";

async function eventsAt(organization: Organization, query: string): Promise<string[]> {
  const answer = await organization.call("GET", `/api/deliveries?${query}`);
  expectAnswer(answer, 200, { has_more: flag, next_cursor: orNull(text), end_cursor: text });
  const { deliveries } = answer.body as { deliveries: { event_id: string }[] };
  return deliveries.map(({ event_id }) => event_id);
}

export const deliveryChecks = [
  check("/api/deliveries?endpoint_id=&event_id=&subscriber=&status=", async (world) =>
    withEndpoint(world, { retry_schedule: [0] }, async ({ main, created, receiver, publish, delivery }) => {
      const subscriber = randomUUID();
      const good = await publish({ subscriber });
      await delivery(good, "delivered");
      receiver.respondWith((res) => res.writeHead(500).end());
      const bad = await publish();
      await delivery(bad, "failed");
      const mine = `endpoint_id=${created.id}`;
      for (const [query, wanted] of [
        [mine, [bad, good]],
        [`${mine}&order=asc`, [good, bad]],
        [`${mine}&status=delivered`, [good]],
        [`${mine}&status=failed`, [bad]],
        [`${mine}&status=pending`, []],
        [`${mine}&status=retrying`, []],
        [`${mine}&status=skipped`, []],
        [`${mine}&status=cancelled`, []],
        [`event_id=${good}`, [good]],
        [`subscriber=${subscriber}`, [good]],
        [`${mine}&event_id=${bad}&subscriber=${subscriber}`, []],
        [`event_id=${unknownId}`, []],
      ] as const) {
        expectEqual(`the events of ${query}`, await eventsAt(main, query), wanted);
      }
      const other = await world.organization("other");
      expectEqual("another organization's", await eventsAt(other, `event_id=${good}`), []);
      for (const query of ["status=lost", "limit=0", "limit=1001", "endpoint_id=no-uuid", "event_id=x"]) {
        expectProblem(await main.call("GET", `/api/deliveries?${query}`), 400, "invalid_request");
      }
      expectProblem(await main.call("GET", "/api/deliveries?endpoint=x"), 400, "unknown_field");
    }),
  ),
  check("every list of this section takes limit, cursor, since, until, order", async (world) =>
    withEndpoint(world, {}, async ({ main, created, create, publish, delivery, type }) => {
      for (let nth = 0; nth < 2; nth += 1) {
        await delivery(await publish(), "delivered");
        await create({ event_types: [`${type}.never`] });
        const replay = await main.call("POST", "/api/deliveries/retry", { endpoint_id: created.id });
        await untilFinished(main, (replay.body as { replay_id: string }).replay_id);
      }
      const span = "limit=1&since=2020-01-01T00:00:00.000Z&until=2099-01-01T00:00:00.000Z";
      for (const noun of ["endpoints", "deliveries", "replays"]) {
        for (const order of ["asc", "desc"]) {
          const path = `/api/${noun}?${span}&order=${order}`;
          const first = await main.call("GET", path);
          expectAnswer(first, 200, { [noun]: [{}], has_more: true, next_cursor: text, end_cursor: text });
          const { next_cursor } = first.body as { next_cursor: string };
          const second = await main.call("GET", `${path}&cursor=${encodeURIComponent(next_cursor)}`);
          expectAnswer(second, 200, { [noun]: [{}], end_cursor: text });
          const ids = [first, second].map(({ body }) =>
            JSON.stringify((body as Record<string, unknown[]>)[noun]?.[0]),
          );
          expectTrue("another one on the second page", ids[0] !== ids[1], ids[0]);
        }
        for (const fault of ["order=up", "since=yesterday", "cursor=%00", "limit=1001"]) {
          expectProblem(await main.call("GET", `/api/${noun}?${fault}`), 400);
        }
        const far = await main.call("GET", `/api/${noun}?since=2098-01-01T00:00:00.000Z`);
        expectAnswer(far, 200, { has_more: false, next_cursor: null, end_cursor: text });
      }
    }),
  ),
  check(
    ":id: every attempt with number, trigger, status code, error code, duration, headers, the first 16 KiB",
    async (world) =>
      withEndpoint(
        world,
        { retry_schedule: [0] },
        async ({ main, created, receiver, publish, delivery, type }) => {
          receiver.respondWith((res) => res.writeHead(418, { "x-answer": "yes" }).end("a".repeat(20_000)));
          const event_id = await publish();
          const { id } = await delivery(event_id, "failed");
          const answer = await main.call("GET", `/api/deliveries/${id}`);
          expectAnswer(answer, 200, {
            ...{
              id,
              event_id,
              event_type: type,
              endpoint_id: created.id,
              status: "failed",
              subscriber: null,
            },
            ...{ attempt_count: 1, response_status: 418, error_code: text, created_at: timestamp },
            attempts: [
              {
                ...{
                  number: 1,
                  trigger: "schedule",
                  started_at: timestamp,
                  response_status: 418,
                  error_code: text,
                },
                ...{ response_headers: { "x-answer": "yes" }, response_body: matching(/^a{16384}$/) },
                duration_ms: {
                  says: "a duration",
                  matches: (value) => typeof value === "number" && value >= 0,
                },
              },
            ],
          });
          const other = await world.organization("other");
          expectProblem(await other.call("GET", `/api/deliveries/${id}`), 404, "not_found");
          expectProblem(await other.call("POST", `/api/deliveries/${id}/retry`), 404, "not_found");
          expectProblem(await main.call("GET", `/api/deliveries/${unknownId}`), 404, "not_found");
          expectProblem(await main.call("POST", `/api/deliveries/${unknownId}/retry`), 404, "not_found");
          expectProblem(await main.call("GET", "/api/deliveries/no-uuid"), 400, "invalid_request");
          const shown = await main.call("GET", `/api/events/${event_id}`);
          expectAnswer(shown, 200, {
            deliveries: [{ id, status: oneOf("failed"), attempts: [{ number: 1 }] }],
          });
        },
      ),
  ),
];
