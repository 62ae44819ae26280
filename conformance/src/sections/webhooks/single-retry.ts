import type { ServerResponse } from "node:http";
import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectProblem, expectTrue } from "../../expect.ts";
import { text } from "../../shape.ts";
import { type Delivery, withEndpoint } from "./with-endpoint.ts";

const attemptsOf = ({ attempts }: Delivery) =>
  attempts.map(({ number, trigger, response_status }) => [number, trigger, response_status]);

export const singleRetryChecks = [
  check("POST :id/retry → 202: one more attempt now; a success ends the delivery", async (world) =>
    withEndpoint(
      world,
      { retry_schedule: [0, 3_600] },
      async ({ main, created, receiver, publish, delivery }) => {
        receiver.respondWith((res) => res.writeHead(500).end());
        const event_id = await publish();
        const { id } = await delivery(event_id, "retrying");
        receiver.respondWith((res) => res.end());
        const answer = await main.call("POST", `/api/deliveries/${id}/retry`);
        expectAnswer(answer, 202, { id, event_id, endpoint_id: created.id, message: text });
        const [first, second] = await receiver.waitFor(2, event_id);
        expectEqual("the bytes", second?.body, first?.body);
        expectEqual("the attempts", attemptsOf(await delivery(event_id, "delivered")), [
          [1, "schedule", 500],
          [2, "manual", 200],
        ]);
        expectAnswer(await main.call("GET", `/api/deliveries/${id}`), 200, { next_attempt_at: null });
      },
    ),
  ),
  check("a failed one leaves the schedule as it is", async (world) =>
    withEndpoint(world, { retry_schedule: [0, 3_600] }, async ({ main, receiver, publish, delivery }) => {
      receiver.respondWith((res) => res.writeHead(500).end());
      const event_id = await publish();
      const { id } = await delivery(event_id, "retrying");
      const path = `/api/deliveries/${id}`;
      const before = (await main.call("GET", path)).body as { next_attempt_at: string | null };
      expectTrue("a next attempt", before.next_attempt_at !== null, before);
      expectAnswer(await main.call("POST", `${path}/retry`), 202);
      await eventually(async () =>
        expectEqual("the number of attempts", (await delivery(event_id, "retrying")).attempts.length, 2),
      );
      const { next_attempt_at } = before;
      expectAnswer(await main.call("GET", path), 200, { status: "retrying", next_attempt_at });
    }),
  ),
  check("a failed and a delivered delivery can be sent again; a failure leaves the status", async (world) =>
    withEndpoint(world, { retry_schedule: [0] }, async ({ main, receiver, publish, delivery }) => {
      for (const status of ["failed", "delivered"]) {
        receiver.respondWith((res) => res.writeHead(status === "failed" ? 500 : 200).end());
        const event_id = await publish();
        const { id } = await delivery(event_id, status);
        receiver.respondWith((res) => res.writeHead(503).end());
        expectAnswer(await main.call("POST", `/api/deliveries/${id}/retry`), 202);
        await eventually(async () =>
          expectEqual("the number of attempts", (await delivery(event_id, status)).attempts.length, 2),
        );
      }
    }),
  ),
  check("busy: 409", async (world) =>
    withEndpoint(world, { retry_schedule: [0] }, async ({ main, receiver, publish, delivery }) => {
      receiver.respondWith((res) => res.writeHead(500).end());
      const event_id = await publish();
      const { id } = await delivery(event_id, "failed");
      const open: ServerResponse[] = [];
      receiver.respondWith((res) => open.push(res));
      const path = `/api/deliveries/${id}/retry`;
      expectAnswer(await main.call("POST", path), 202);
      expectProblem(await main.call("POST", path), 409, "delivery_busy");
      await receiver.waitFor(2, event_id);
      expectProblem(await main.call("POST", path), 409, "delivery_busy");
      for (const res of open) res.end();
      await delivery(event_id, "delivered");
      receiver.respondWith((res) => res.end());
      expectAnswer(await main.call("POST", path), 202);
    }),
  ),
];
