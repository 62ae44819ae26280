import { check } from "../../check.ts";
import { eventually } from "../../eventually.ts";
import { expectEqual, expectShape, expectTrue } from "../../expect.ts";
import { list, matching, text } from "../../shape.ts";
import { signatureOf } from "./signature.ts";
import { withReceiver } from "./with-receiver.ts";

const exactPayload = '{ "z":1.0, "a":12345678901234567890123, "e":"\\u00e9\\/" }';

export const webhookRequestChecks = [
  check('POST, content-type: application/json, body {"id", "type", "timestamp", "data"}', async (world) =>
    withReceiver(world, {}, async ({ receiver, publish }) => {
      const id = await publish({ type: "order.paid", payload: { total: 5 } });
      const [webhook] = await receiver.waitFor(1, id);
      if (!webhook) return;
      expectEqual("the request", [webhook.method, webhook.path], ["POST", "/hooks?a=b"]);
      expectShape(webhook.headers["content-type"], matching(/^application\/json\b/), "content-type");
      const body = JSON.parse(webhook.body) as Record<string, unknown>;
      expectEqual("the members of the body", Object.keys(body).sort(), ["data", "id", "timestamp", "type"]);
      expectShape(body, { id, type: "order.paid", data: { total: 5 }, timestamp: matching(/Z$/) });
    }),
  ),
  check("data is the payload, byte for byte", async (world) =>
    withReceiver(world, {}, async ({ organization, receiver }) => {
      const sent = `{"type":"a.exact","payload":${exactPayload}}`;
      const { body } = await organization.call("POST", "/api/events", sent);
      const [webhook] = await receiver.waitFor(1, (body as { id: string }).id);
      expectTrue(
        `the bytes ${exactPayload}`,
        webhook?.body.includes(`"data":${exactPayload}`) === true,
        webhook?.body,
      );
    }),
  ),
  check("timestamp is occurred_at where given, else created_at", async (world) =>
    withReceiver(world, {}, async ({ organization, receiver }) => {
      for (const occurred_at of ["2026-01-31T12:00:00.000Z", undefined]) {
        const { body } = await organization.publish(occurred_at === undefined ? {} : { occurred_at });
        const { id, created_at } = body as { id: string; created_at: string };
        const [webhook] = await receiver.waitFor(1, id);
        const { timestamp } = JSON.parse(webhook?.body ?? "{}") as { timestamp?: string };
        expectEqual("timestamp", timestamp, occurred_at ?? created_at);
      }
    }),
  ),
  check("webhook-id = the event id; webhook-timestamp unix seconds of this attempt", async (world) =>
    withReceiver(world, {}, async ({ receiver, publish }) => {
      const id = await publish();
      const [webhook] = await receiver.waitFor(1, id);
      const age = Date.now() / 1_000 - Number(webhook?.headers["webhook-timestamp"]);
      expectTrue("a timestamp of the last minute", Math.abs(age) < 60, webhook?.headers["webhook-timestamp"]);
    }),
  ),
  check('webhook-signature = v1,<base64 HMAC-SHA256 of "id.timestamp.body">', async (world) =>
    withReceiver(world, {}, async ({ receiver, publish, signingSecret }) => {
      const [webhook] = await receiver.waitFor(1, await publish());
      if (!webhook) return;
      const signatures = String(webhook.headers["webhook-signature"]).split(" ");
      expectTrue(
        "a signature by the secret",
        signatures.includes(signatureOf(webhook, signingSecret)),
        signatures,
      );
    }),
  ),
  check("also x-event-id, x-event-type, x-delivery-attempt, user-agent; and custom headers", async (world) =>
    withReceiver(
      world,
      { headers: { "x-custom": "own", authorization: "Basic x" } },
      async ({ receiver, publish }) => {
        const id = await publish({ type: "order.paid" });
        const [webhook] = await receiver.waitFor(1, id);
        expectShape(webhook?.headers, {
          ...{
            "x-event-id": id,
            "x-event-type": "order.paid",
            "x-delivery-attempt": "1",
            "user-agent": text,
          },
          ...{ "x-custom": "own", authorization: "Basic x" },
        });
      },
    ),
  ),
  check("event_types: only those; user.* matches any depth", async (world) =>
    withReceiver(
      world,
      { event_types: ["user.*", "order.created"] },
      async ({ receiver, publish, deliveriesOf }) => {
        const skipped: string[] = [];
        for (const type of ["order.paid", "users.created", "user"]) skipped.push(await publish({ type }));
        for (const type of ["user.created", "user.address.changed", "order.created"]) {
          await receiver.waitFor(1, await publish({ type }));
        }
        for (const id of skipped) expectEqual("deliveries", await deliveriesOf(id), []);
      },
    ),
  ),
  check("success is 200..299: the event is delivered, with its attempt", async (world) =>
    withReceiver(world, {}, async ({ organization, receiver, publish, deliveriesOf }) => {
      for (const status of [200, 204, 299]) {
        receiver.respondWith((res) => res.writeHead(status).end());
        const id = await publish();
        await eventually(async () =>
          expectShape(await deliveriesOf(id), [
            { status: "delivered", attempts: [{ number: 1, response_status: status, error_code: null }] },
          ]),
        );
        const shown = await organization.call("GET", `/api/events/${id}`);
        expectShape(shown.body, { status: "delivered", delivery_status: "delivered", deliveries: list });
        const { body } = await organization.call("GET", "/api/inbox?status=delivered&order=desc&limit=10");
        const ids = (body as { events: { id: string }[] }).events.map((event) => event.id);
        expectTrue("it in the inbox with status=delivered", ids.includes(id), ids);
      }
    }),
  ),
];
