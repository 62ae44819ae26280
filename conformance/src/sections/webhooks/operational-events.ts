import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectShape, expectTrue } from "../../expect.ts";
import { orNull, text, timestamp, uuidV7 } from "../../shape.ts";
import { expectSignedBy } from "./signature.ts";
import { waitForType, withEndpoint } from "./with-endpoint.ts";

const dataOf = (webhook: { body: string } | undefined) =>
  (JSON.parse(webhook?.body ?? "{}") as { data: Record<string, unknown> }).data;

export const operationalEventChecks = [
  check(
    "delivery.failed and endpoint.disabled go to endpoints that name them; `*` does not match them",
    async (world) =>
      withEndpoint(
        world,
        { retry_schedule: [0] },
        async ({ main, created, receiver, create, publish, delivery, type }) => {
          const told = await world.startReceiver();
          try {
            const url = `${told.url}/told`;
            const names = { url, event_types: ["delivery.failed", "endpoint.disabled"] };
            const first = await create(names);
            await create({ url: `${told.url}/pattern`, event_types: ["delivery.*", "endpoint.*"] });
            const all = await create({ url: `${told.url}/all`, event_types: ["*"] });
            await create({ ...names, url: `${told.url}/of-a-subscriber`, subscriber: type });
            receiver.respondWith((res) => res.writeHead(410).end());
            const event_id = await publish();
            const { id: delivery_id } = await delivery(event_id, "failed");
            const [failed] = await waitForType(told, "delivery.failed", 2);
            expectShape(dataOf(failed), {
              ...{ delivery_id, event_id, event_type: type, subscriber: null, endpoint_id: created.id },
              ...{ attempts: 1, response_status: 410, error_code: text },
            });
            const disabled = await waitForType(told, "endpoint.disabled", 2);
            expectShape(dataOf(disabled[0]), {
              ...{
                endpoint_id: created.id,
                url: `${receiver.url}/first`,
                reason: "gone",
                disabled_at: timestamp,
              },
              ...{ name: orNull(text), subscriber: null },
            });
            expectEqual("their endpoints", disabled.map(({ path }) => path).sort(), ["/pattern", "/told"]);
            const toFirst = disabled.find(({ path }) => path === "/told");
            expectSignedBy(toFirst, [first.signing_secret]);
            expectShape(toFirst?.headers["webhook-id"], uuidV7, "webhook-id");
            const paths = told.received
              .filter(({ headers }) => headers["x-event-type"] !== type)
              .map(({ path }) => path);
            expectTrue(
              "none to `*` nor to a subscriber's",
              paths.every((path) => /^\/(told|pattern)$/.test(path)),
              paths,
            );
            const listed = await main.call("GET", `/api/deliveries?endpoint_id=${all.id}`);
            expectAnswer(listed, 200, { deliveries: [{ event_type: type }] });
            // They wait in nobody's inbox.
            const inbox = await main.call("GET", "/api/inbox?event_type=endpoint.disabled");
            expectAnswer(inbox, 200, { count: 0 });
            const lease = { event_types: ["endpoint.*", "delivery.*"], include_webhook_events: true };
            expectAnswer(await main.call("POST", "/api/inbox/lease", lease), 200, { lease_id: null });
          } finally {
            await told.close();
          }
        },
      ),
  ),
  check("operational events never cause operational events themselves", async (world) =>
    withEndpoint(world, { retry_schedule: [0] }, async ({ main, receiver, create, publish, delivery }) => {
      const told = await world.startReceiver();
      try {
        const more = { event_types: ["delivery.*", "endpoint.*"], retry_schedule: [0] };
        const { id } = await create({ url: told.url, ...more });
        for (const one of [told, receiver]) one.respondWith((res) => res.writeHead(500).end());
        // The second is told after the first one's failure was recorded, so what that had caused would be there.
        for (let nth = 1; nth <= 2; nth += 1) {
          await delivery(await publish(), "failed");
          await waitForType(told, "delivery.failed", nth);
        }
        const listed = await main.call("GET", `/api/deliveries?endpoint_id=${id}`);
        expectEqual("its deliveries", (listed.body as { deliveries: unknown[] }).deliveries.length, 2);
      } finally {
        await told.close();
      }
    }),
  ),
];
