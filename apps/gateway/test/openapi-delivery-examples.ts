import { createPartitions, daysOfIds, insertDeliveries } from "@triggers/db";
import { createEventId, deliveryIdOf } from "@triggers/domain";
import type { ApiClient } from "@triggers/testing";
import { type Example, event, unknownId } from "./openapi-examples.ts";
import type { Scenario, World } from "./openapi-world.ts";

const time = { since: "2020-01-01T00:00:00Z", until: "2100-01-01T00:00:00Z" };

const withEndpoint = async ({ createClient }: World): Promise<{ client: ApiClient; endpointId: string }> => {
  const client = await createClient();
  const webhook = { webhook_url: "https://example.com/hooks" };
  const { body } = await client.request("POST", "/api/webhook/config", webhook);
  return { client, endpointId: body.endpoint_id as string };
};

/** A delivery that has failed, as the worker would leave it. */
const withDelivery = async (world: World): Promise<Example & { client: ApiClient }> => {
  const { client, endpointId } = await withEndpoint(world);
  const eventId = createEventId(Date.now());
  const own = { event_id: eventId, organization_id: client.organizationId, endpoint_id: endpointId };
  const id = deliveryIdOf(eventId, endpointId);
  await createPartitions(world.db, daysOfIds([eventId]));
  await world.db
    .insertInto("events")
    .values({
      ...{ id: eventId, organization_id: client.organizationId, position: 1, type: event.type },
      ...{ payload: "{}", failed_deliveries: 1, attempts: 1 },
    })
    .execute();
  await insertDeliveries(world.db, [
    { id, eventId, endpointId, organizationId: client.organizationId, status: "pending", isParked: false },
  ]);
  await world.db
    .updateTable("deliveries")
    .set({ status: "failed", attempts: 1, response_status: 500, error_code: "http_status" })
    .where("event_id", "=", eventId)
    .execute();
  await world.db
    .insertInto("attempts")
    .values({
      ...{ ...own, delivery_id: id, number: 1, trigger: "schedule", started_at: new Date() },
      ...{ duration_ms: 12, response_status: 500, error_code: "http_status", error_detail: null },
      ...{ response_headers: { server: "x" }, response_body: Buffer.from("sorry") },
    })
    .execute();
  return { client, path: { id } };
};

const withReplay = async (world: World): Promise<Example> => {
  const { client } = await withEndpoint(world);
  const { body } = await client.request("POST", "/api/deliveries/retry", {});
  return { client, path: { id: body.replay_id as string } };
};

export const deliveryExamples: Record<string, (world: World) => Promise<Example>> = {
  listDeliveries: withDelivery,
  getDelivery: withDelivery,
  retryDelivery: withDelivery,
  replayEndpoint: async (world) => {
    const { client, endpointId } = await withEndpoint(world);
    return { client, path: { id: endpointId }, body: { ...time, event_types: ["user.*"], only: "all" } };
  },
  retryDeliveries: async (world) => {
    const { client, endpointId } = await withEndpoint(world);
    return { client, body: { endpoint_id: endpointId, ...time } };
  },
  listReplays: withReplay,
  getReplay: withReplay,
  cancelReplay: withReplay,
};

const twice = async (client: ApiClient, path: string, body?: object) => {
  await client.request("POST", path, body);
  return client.request("POST", path, body);
};

export const deliveryScenarios: Record<string, Record<number, Scenario>> = {
  retryDelivery: {
    409: async (world) => {
      const { client, path } = await withDelivery(world);
      return twice(client, `/api/deliveries/${path?.id}/retry`);
    },
  },
  replayEndpoint: {
    409: async (world) => {
      const { client, endpointId } = await withEndpoint(world);
      return twice(client, `/api/endpoints/${endpointId}/replay`, time);
    },
  },
  enableEndpoint: {
    409: async (world) => {
      const { client, endpointId } = await withEndpoint(world);
      return twice(client, `/api/endpoints/${endpointId}/enable`, { replay: "skipped" });
    },
  },
  retryDeliveries: {
    404: async ({ client }) => client.request("POST", "/api/deliveries/retry", { endpoint_id: unknownId }),
    409: async ({ createClient }) => twice(await createClient(), "/api/deliveries/retry", {}),
  },
};

export const furtherDeliveryScenarios: [string, number, Scenario][] = [
  [
    "enableEndpoint",
    200,
    async (world) => {
      const { client, endpointId } = await withEndpoint(world);
      return client.request("POST", `/api/endpoints/${endpointId}/enable`, { replay: "skipped" });
    },
  ],
];
