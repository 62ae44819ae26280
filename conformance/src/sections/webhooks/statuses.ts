import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual } from "../../expect.ts";
import { matching } from "../../shape.ts";
import { withEndpoint } from "./with-endpoint.ts";

export const statusChecks = [
  check(
    "delivery_status is the worst over its deliveries: failed, retrying, pending, skipped, cancelled, delivered",
    async (world) =>
      withEndpoint(world, {}, async ({ main, receiver, create, publish, type }) => {
        const event_types = [type];
        // Each further endpoint makes it worse.
        const steps = [
          { wanted: "delivered", status: "delivered" },
          { wanted: "skipped", status: "pending", fields: { enabled: false } },
          { wanted: "retrying", status: "pending", fields: { retry_schedule: [0, 3_600] } },
          { wanted: "failed", status: "failed", fields: { retry_schedule: [0] } },
        ];
        receiver.respondToPath((path, res) => res.writeHead(path === "/first" ? 200 : 500).end());
        for (const { wanted, status, fields } of steps) {
          if (fields) await create({ url: `${receiver.url}/bad`, event_types, ...fields });
          const id = await publish();
          await eventually(async () => {
            const shown = await main.call("GET", `/api/events/${id}`);
            expectAnswer(shown, 200, { delivery_status: wanted, status });
          });
        }
      }),
  ),
  check("GET /api/inbox?status=: retrying and failed are undelivered, delivered is not", async (world) =>
    withEndpoint(world, { retry_schedule: [0, 3_600] }, async (one) => {
      const { main, call, receiver, publish, delivery, type } = one;
      const good = await publish();
      await delivery(good, "delivered");
      receiver.respondWith((res) => res.writeHead(500).end());
      const retrying = await publish();
      await delivery(retrying, "retrying");
      await call("PATCH", "", { retry_schedule: [0] });
      const failed = await publish();
      await delivery(failed, "failed");
      for (const [query, wanted] of [
        ["", [retrying, failed]],
        ["&status=retrying", [retrying]],
        ["&status=pending", [retrying]],
        ["&status=failed", [failed]],
        ["&status=delivered", [good]],
        ["&status=all", [good, retrying, failed]],
      ] as const) {
        const { body } = await main.call("GET", `/api/inbox?event_type=${type}${query}`);
        const found = (body as { events: { id: string }[] }).events.map(({ id }) => id);
        expectEqual(`the events of "${query}"`, found, wanted);
      }
    }),
  ),
  check("DELETE /api/events/:id cancels pending deliveries and erases attempt bodies", async (world) =>
    withEndpoint(world, { retry_schedule: [0, 3_600] }, async ({ main, receiver, publish, delivery }) => {
      receiver.respondWith((res) => res.writeHead(500, { "x-answer": "personal" }).end("personal"));
      const id = await publish();
      const { id: deliveryId } = await delivery(id, "retrying");
      expectAnswer(await main.call("DELETE", `/api/events/${id}`), 204);
      const shown = await main.call("GET", `/api/deliveries/${deliveryId}`);
      expectAnswer(shown, 200, { status: "cancelled", attempts: [{ number: 1, response_status: 500 }] });
      expectEqual("whether the answer's body is there", shown.text.includes("personal"), false);
    }),
  ),
  check("at most 64 KiB of the answer are read; the status decides", async (world) =>
    withEndpoint(world, {}, async ({ main, receiver, publish, delivery }) => {
      receiver.respondWith((res) => res.end("a".repeat(4 << 20)));
      const { id } = await delivery(await publish(), "delivered");
      const shown = await main.call("GET", `/api/deliveries/${id}`);
      expectAnswer(shown, 200, {
        attempts: [{ response_status: 200, error_code: null, response_body: matching(/^a{16384}$/) }],
      });
    }),
  ),
];
