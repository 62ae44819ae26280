import { createServer } from "node:net";
import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectShape, expectTrue } from "../../expect.ts";
import { text } from "../../shape.ts";
import { type Delivery, withEndpoint } from "./with-endpoint.ts";

const waitOf = ({ attempts: [first, second] }: Delivery) =>
  Date.parse(second?.started_at ?? "") - Date.parse(first?.started_at ?? "");

export const attemptChecks = [
  check(
    "an own retry_schedule ends in failed; such events show failed and stay in the inbox",
    async (world) =>
      withEndpoint(world, { retry_schedule: [0, 1] }, async ({ main, receiver, publish, delivery, type }) => {
        receiver.respondWith((res) => res.writeHead(500).end("broken"));
        const id = await publish();
        const { attempts } = await delivery(id, "failed");
        expectEqual(
          "the attempts",
          attempts.map(({ number, trigger, response_status }) => [number, trigger, response_status]),
          [
            [1, "schedule", 500],
            [2, "schedule", 500],
          ],
        );
        const shown = await main.call("GET", `/api/events/${id}`);
        expectAnswer(shown, 200, { status: "failed", delivery_status: "failed", response_status: 500 });
        const { body } = await main.call("GET", `/api/inbox?event_type=${type}&status=failed`);
        expectShape(body, { events: [{ id, attempts: 2, last_error: text }] });
        const lease = await main.call("POST", "/api/inbox/lease", { event_types: [type] });
        expectAnswer(lease, 200, { events: [{ id, delivery_status: "failed" }] });
      }),
  ),
  check("lease: events with webhook deliveries only with include_webhook_events", async (world) =>
    withEndpoint(world, {}, async ({ main, publish, delivery, type }) => {
      const id = await publish();
      await delivery(id, "delivered");
      const lease = (more: object) => main.call("POST", "/api/inbox/lease", { event_types: [type], ...more });
      expectAnswer(await lease({}), 200, { lease_id: null });
      expectAnswer(await lease({ include_webhook_events: true }), 200, {
        events: [{ id, delivery_status: "delivered", status: "delivered", inbox_status: "leased" }],
      });
    }),
  ),
  check("pending deliveries of an acknowledged event still go out", async (world) =>
    withEndpoint(world, { retry_schedule: [0, 1] }, async ({ main, receiver, publish, delivery }) => {
      receiver.respondWith((res) => {
        res.writeHead(500).end();
        receiver.respondWith((next) => next.end());
      });
      const id = await publish();
      expectAnswer(await main.call("POST", `/api/inbox/ack/${id}`), 200);
      await receiver.waitFor(2, id);
      await delivery(id, "delivered");
      expectAnswer(await main.call("GET", `/api/events/${id}`), 200, {
        status: "acknowledged",
        delivery_status: "delivered",
      });
    }),
  ),
  check("429/503 honour Retry-After", async (world) =>
    withEndpoint(world, { retry_schedule: [0, 1] }, async ({ receiver, publish, delivery }) => {
      for (const status of [429, 503]) {
        receiver.respondWith((res) => {
          res.writeHead(status, { "retry-after": "3" }).end();
          receiver.respondWith((next) => next.end());
        });
        const waitedMs = waitOf(await delivery(await publish(), "delivered"));
        expectTrue("a wait of 3 s", waitedMs >= 2_990, waitedMs);
      }
    }),
  ),
  check("the timeout covers DNS to the last byte of the answer", async (world) =>
    withEndpoint(
      world,
      { retry_schedule: [0], timeout_ms: 1_000 },
      async ({ receiver, publish, delivery }) => {
        for (const respond of [() => undefined, (write: () => unknown) => write()]) {
          // Silent, and one that begins an answer and never ends it.
          receiver.respondWith((res) => void respond(() => res.writeHead(200).write("a")));
          const { attempts } = await delivery(await publish(), "failed");
          expectShape(attempts, [{ error_code: "timeout" }]);
          const durationMs = attempts[0]?.duration_ms ?? 0;
          expectTrue("an end after 1 s", durationMs >= 990 && durationMs < 5_000, durationMs);
        }
      },
    ),
  ),
  check("a DNS fault and a refused connection are failed attempts with an error code", async (world) =>
    withEndpoint(world, { retry_schedule: [0] }, async ({ call, receiver, publish, delivery }) => {
      const closedPort = await new Promise<number>((resolve) => {
        const server = createServer().listen(0, () => {
          const { port } = server.address() as { port: number };
          server.close(() => resolve(port));
        });
      });
      const refusing = new URL(receiver.url);
      refusing.port = String(closedPort);
      for (const url of [refusing.href, "https://conformance.invalid/"]) {
        expectAnswer(await call("PATCH", "", { url }), 200);
        const { attempts } = await delivery(await publish(), "failed");
        expectShape(attempts, [{ response_status: null, error_code: text }]);
      }
    }),
  ),
  check("redirects of every kind are failures and are not followed", async (world) =>
    withEndpoint(world, { retry_schedule: [0] }, async ({ receiver, publish, delivery }) => {
      for (const status of [301, 302, 307, 308]) {
        receiver.respondWith((res) => res.writeHead(status, { location: `${receiver.url}/elsewhere` }).end());
        expectShape(await delivery(await publish(), "failed"), { response_status: status, error_code: text });
      }
      const paths = receiver.received.map(({ path }) => path);
      expectEqual(
        "requests elsewhere",
        paths.filter((path) => path !== "/first"),
        [],
      );
    }),
  ),
];
