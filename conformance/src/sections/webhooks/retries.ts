import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectEqual, expectShape, expectTrue } from "../../expect.ts";
import { text } from "../../shape.ts";
import { withReceiver } from "./with-receiver.ts";

export const webhookRetryChecks = [
  check("schedule: at once, 5 s (±20 %); webhook-id and bytes are the same on every attempt", async (world) =>
    withReceiver(world, {}, async ({ receiver, publish, deliveriesOf }) => {
      receiver.respondWith((res) => {
        receiver.respondWith((next) => next.end("ok"));
        res.writeHead(500).end("broken");
      });
      const id = await publish();
      const [first, second] = await receiver.waitFor(2, id);
      expectEqual("the bytes of the second attempt", second?.body, first?.body);
      expectEqual("x-delivery-attempt of the second", second?.headers["x-delivery-attempt"], "2");
      await eventually(async () => expectShape(await deliveriesOf(id), [{ status: "delivered" }]));
      const [delivery] = await deliveriesOf(id);
      const attempts = delivery?.attempts as {
        started_at: string;
        duration_ms: number;
        response_status: number;
      }[];
      expectEqual(
        "the statuses",
        attempts.map(({ response_status }) => response_status),
        [500, 200],
      );
      const [from = "", to = ""] = attempts.map(({ started_at }) => started_at);
      const waitedMs = Date.parse(to) - Date.parse(from);
      expectTrue("a wait of 4 s at least", waitedMs >= 3_990, waitedMs);
    }),
  ),
  check("an event whose delivery is to be tried again shows retrying", async (world) =>
    withReceiver(world, {}, async ({ organization, receiver, publish }) => {
      receiver.respondWith((res) => res.writeHead(503).end());
      const id = await publish();
      await eventually(async () => {
        const { body } = await organization.call("GET", `/api/events/${id}`);
        expectShape(body, { delivery_status: "retrying", response_status: 503, last_error: text });
      });
    }),
  ),
  check("redirects are failures and are not followed", async (world) =>
    withReceiver(world, {}, async ({ receiver, publish, deliveriesOf }) => {
      receiver.respondWith((res) => res.writeHead(302, { location: `${receiver.url}/elsewhere` }).end());
      const id = await publish();
      await eventually(async () =>
        expectShape(await deliveriesOf(id), [{ status: "retrying", response_status: 302, error_code: text }]),
      );
      const paths = receiver.received.map(({ path }) => path);
      expectTrue("no request elsewhere", !paths.includes("/elsewhere"), paths);
    }),
  ),
  check("410 disables the endpoint", async (world) =>
    withReceiver(world, {}, async ({ organization, receiver, publish }) => {
      receiver.respondWith((res) => res.writeHead(410).end());
      await receiver.waitFor(1, await publish());
      await eventually(async () => {
        const { body } = await organization.call("GET", "/api/webhook/config");
        expectShape(body, { enabled: false, disabled_reason: text, disabled_at: text });
      });
    }),
  ),
];
