import type { ServerResponse } from "node:http";
import { check } from "../../check.ts";
import {
  expectAnswer,
  expectEqual,
  expectHeader,
  expectProblem,
  expectShape,
  expectTrue,
} from "../../expect.ts";
import { count, orNull, text, timestamp, uuidV7 } from "../../shape.ts";
import { expectSignedBy } from "./signature.ts";
import { waitForType, withEndpoint } from "./with-endpoint.ts";

export const testSendChecks = [
  check(
    "POST :id/test sends an example, signed and with all headers, and answers 200 with the attempt",
    async (world) =>
      withEndpoint(world, { headers: { "x-custom": "own" } }, async ({ created, call, receiver }) => {
        receiver.respondWith((res) => res.writeHead(201, { "x-answer": "yes" }).end("thanks"));
        const answer = await call("POST", "/test");
        expectAnswer(answer, 200, {
          ...{ endpoint_id: created.id, event_id: uuidV7 },
          attempt: {
            ...{ response_status: 201, error_code: null, response_body: "thanks", started_at: timestamp },
            ...{ response_headers: { "x-answer": "yes" }, trigger: "test" },
          },
        });
        const [webhook] = await waitForType(receiver, "webhook.test", 1);
        expectShape(webhook?.headers, {
          ...{ "webhook-id": (answer.body as { event_id: string }).event_id, "x-custom": "own" },
          ...{ "x-event-type": "webhook.test", "user-agent": text },
        });
        expectSignedBy(webhook, [created.signing_secret]);
        expectShape(JSON.parse(webhook?.body ?? ""), { type: "webhook.test", timestamp });
      }),
  ),
  check(
    "200 also with a failed attempt, and also for a disabled endpoint; nothing is stored",
    async (world) =>
      withEndpoint(world, {}, async ({ main, created, call, receiver }) => {
        await call("POST", "/disable");
        receiver.respondWith((res) => res.writeHead(500).end("broken"));
        const failed = await call("POST", "/test");
        expectAnswer(failed, 200, {
          attempt: { response_status: 500, error_code: text, response_body: "broken" },
        });
        expectAnswer(await call("PATCH", "", { url: "https://conformance.invalid/" }), 200);
        expectAnswer(await call("POST", "/test"), 200, {
          attempt: { response_status: null, error_code: text },
        });
        const listed = await main.call("GET", `/api/deliveries?endpoint_id=${created.id}`);
        expectEqual("the deliveries", (listed.body as { deliveries: unknown }).deliveries, []);
        const { event_id } = failed.body as { event_id: string };
        expectProblem(await main.call("GET", `/api/events/${event_id}`), 404, "not_found");
      }),
  ),
  check("at most three tests at once: 429 too_many_tests", async (world) =>
    withEndpoint(world, {}, async ({ call, receiver, type }) => {
      const open: ServerResponse[] = [];
      receiver.respondWith((res) => open.push(res));
      const tests = [1, 2, 3].map(() => call("POST", "/test"));
      await waitForType(receiver, "webhook.test", 3);
      const fourth = await call("POST", "/test");
      expectProblem(fourth, 429, "too_many_tests");
      expectHeader(fourth, "Retry-After", /^[1-9]\d*$/);
      for (const res of open) res.end(type);
      for (const test of tests) expectAnswer(await test, 200, { attempt: { response_body: type } });
    }),
  ),
  check("GET :id/stats: deliveries by status, attempts with success rate and p50 and p95", async (world) =>
    withEndpoint(world, { retry_schedule: [0] }, async ({ created, call, receiver, publish, delivery }) => {
      const none = await call("GET", "/stats");
      expectAnswer(none, 200, {
        ...{ endpoint_id: created.id, oldest_pending_age_seconds: null, failing_since: null },
        deliveries: { delivered: 0, failed: 0, pending: 0, retrying: 0, skipped: 0, cancelled: 0 },
        attempts: {
          total: 0,
          succeeded: 0,
          success_rate: null,
          duration_ms_p50: null,
          duration_ms_p95: null,
        },
      });
      for (let nth = 0; nth < 3; nth += 1) await delivery(await publish(), "delivered");
      receiver.respondWith((res) => res.writeHead(500).end());
      await delivery(await publish(), "failed");
      const stats = await call("GET", "/stats");
      expectAnswer(stats, 200, {
        deliveries: { delivered: 3, failed: 1, pending: 0, since: timestamp },
        attempts: {
          total: 4,
          succeeded: 3,
          success_rate: 0.75,
          duration_ms_p50: count,
          duration_ms_p95: count,
        },
        failing_since: orNull(timestamp),
      });
      expectTrue(
        "failing_since",
        (stats.body as { failing_since: unknown }).failing_since !== null,
        stats.text,
      );
    }),
  ),
];
