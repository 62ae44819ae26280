import { setTimeout as pause } from "node:timers/promises";
import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectProblem, expectShape } from "../../expect.ts";
import { text, timestamp } from "../../shape.ts";
import { withEndpoint } from "./with-endpoint.ts";

const disabled = { enabled: false, disabled_reason: text, disabled_at: timestamp };
const enabled = { enabled: true, disabled_reason: null, disabled_at: null };

export const disablingChecks = [
  check(
    "POST :id/disable: enabled:false, disabled_reason, disabled_at; events get a skipped delivery",
    async (world) =>
      withEndpoint(world, {}, async ({ main, call, receiver, publish, delivery }) => {
        expectAnswer(await call("POST", "/disable"), 200, { ...disabled, disabled_reason: "manual" });
        const id = await publish();
        expectEqual("the attempts", (await delivery(id, "skipped")).attempts, []);
        const shown = await main.call("GET", `/api/events/${id}`);
        expectAnswer(shown, 200, {
          status: "pending",
          delivery_status: "skipped",
          inbox_status: "available",
        });
        expectAnswer(await call("POST", "/enable"), 200, enabled);
        const next = await publish();
        await receiver.waitFor(1, next);
        await delivery(id, "skipped");
        expectEqual(
          "the webhooks",
          receiver.received.map(({ headers }) => headers["webhook-id"]),
          [next],
        );
      }),
  ),
  check('POST :id/enable {replay: "skipped"} delivers what came meanwhile', async (world) =>
    withEndpoint(world, {}, async ({ call, receiver, publish, delivery }) => {
      await call("POST", "/disable");
      const ids = [await publish(), await publish()];
      for (const id of ids) await delivery(id, "skipped");
      expectAnswer(await call("POST", "/enable", { replay: "skipped" }), 200, enabled);
      for (const id of ids) {
        await receiver.waitFor(1, id);
        await delivery(id, "delivered");
      }
      expectProblem(await call("POST", "/enable", { replay: "failed" }), 400, "invalid_request");
    }),
  ),
  check("PATCH {enabled} does the same, and enabled: false creates it disabled", async (world) =>
    withEndpoint(world, { enabled: false }, async ({ created, call, receiver, publish, delivery }) => {
      expectShape(created, disabled);
      await delivery(await publish(), "skipped");
      expectAnswer(await call("PATCH", "", { enabled: true }), 200, enabled);
      await receiver.waitFor(1, await publish());
      expectAnswer(await call("PATCH", "", { enabled: false }), 200, disabled);
      await delivery(await publish(), "skipped");
    }),
  ),
  check("pending deliveries of a disabled endpoint wait, and go on when it is enabled", async (world) =>
    withEndpoint(world, { retry_schedule: [0, 1] }, async ({ call, receiver, publish, delivery }) => {
      receiver.respondWith((res) => {
        // The answer comes after the disabling, so that no retry can be before it.
        void call("POST", "/disable").then(() => res.writeHead(500).end());
        receiver.respondWith((next) => next.end());
      });
      const id = await publish();
      await delivery(id, "retrying");
      await pause(4_000);
      expectEqual("the webhooks meanwhile", (await receiver.waitFor(1, id)).length, 1);
      await delivery(id, "retrying");
      expectAnswer(await call("POST", "/enable"), 200, enabled);
      await receiver.waitFor(2, id);
      await delivery(id, "delivered");
    }),
  ),
  check("retries go to the current URL", async (world) =>
    withEndpoint(world, { retry_schedule: [0, 2] }, async ({ call, receiver, publish }) => {
      receiver.respondWith((res) => {
        void call("PATCH", "", { url: `${receiver.url}/second` }).then(() => res.writeHead(500).end());
        receiver.respondWith((next) => next.end());
      });
      const webhooks = await receiver.waitFor(2, await publish());
      expectEqual(
        "the paths",
        webhooks.map(({ path }) => path),
        ["/first", "/second"],
      );
    }),
  ),
  check("DELETE cancels what is pending", async (world) =>
    withEndpoint(
      world,
      { retry_schedule: [0, 3_600] },
      async ({ main, call, receiver, publish, delivery }) => {
        receiver.respondWith((res) => res.writeHead(500).end());
        const id = await publish();
        const { id: deliveryId } = await delivery(id, "retrying");
        expectAnswer(await call("DELETE", ""), 204);
        const shown = await main.call("GET", `/api/deliveries/${deliveryId}`);
        expectAnswer(shown, 200, { status: "cancelled", event_id: id });
        const event = await main.call("GET", `/api/events/${id}`);
        expectAnswer(event, 200, {
          status: "pending",
          delivery_status: "cancelled",
          inbox_status: "available",
        });
      },
    ),
  ),
  check("410 disables the endpoint and ends the delivery", async (world) =>
    withEndpoint(world, {}, async ({ call, receiver, publish, delivery }) => {
      receiver.respondWith((res) => res.writeHead(410).end());
      await delivery(await publish(), "failed");
      expectAnswer(await call("GET", ""), 200, { ...disabled, disabled_reason: "gone" });
    }),
  ),
];
