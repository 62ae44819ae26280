import { insertDeadLetter } from "@triggers/db";
import { createEventId } from "@triggers/domain";
import type { ApiClient } from "@triggers/testing";
import type { World } from "./openapi-world.ts";

/** A request that succeeds: what goes into the path, behind it and into the body. */
export interface Example {
  path?: Record<string, string>;
  query?: string;
  body?: unknown;
  client?: ApiClient;
}

export const unknownId = "01890000-0000-7000-8000-000000000000";
export const event = { type: "user.created", payload: { name: "Ada" } };
const webhook = { webhook_url: "https://example.com/hooks" };

const withEvent = async ({ client }: World, name: string): Promise<Example> => {
  const { body } = await client.publish(event);
  return { path: { [name]: body.id as string } };
};
const withWebhook = async ({ createClient }: World): Promise<Example> => {
  const client = await createClient();
  await client.request("POST", "/api/webhook/config", webhook);
  return { client };
};
const withOrganization = async ({ createClient }: World): Promise<Example> => ({
  path: { organization_id: (await createClient()).organizationId },
});
const createKey = async (client: ApiClient, body: object = {}): Promise<string> =>
  (await client.request("POST", "/api/keys", body)).body.key_id as string;
const deadLetter = async ({ db, client }: World): Promise<Example> => {
  const eventId = createEventId(Date.now());
  const job = { v: 1, org: client.organizationId, type: event.type, payload: "{}" };
  await insertDeadLetter(db, {
    ...{ eventId, organizationId: client.organizationId, job: Buffer.from(JSON.stringify(job)) },
    ...{ eventType: null, reason: "was poison", errorCode: null },
  });
  return { path: { event_id: eventId } };
};
/** One for every operation that needs more than its path. A new route needs an entry here. */
export const examples: Record<string, (world: World) => Promise<Example> | Example> = {
  generateKey: () => ({ body: { organization_name: "Acme" } }),
  rotateKey: async ({ createClient }) => ({ client: await createClient(), body: { overlap_seconds: 60 } }),
  publishEvent: () => ({ body: { ...event, unheard_of: 1 } }),
  createKey: async ({ createClient }) => ({
    client: await createClient(),
    body: { name: "second", scopes: ["read"], expires_at: "2099-01-01T00:00:00Z" },
  }),
  revokeKey: async ({ client }) => ({ path: { key_id: await createKey(client) } }),
  publishBatch: () => ({ body: { events: [event] } }),
  eraseEvent: (world) => withEvent(world, "id"),
  getOrganization: withOrganization,
  changeOrganization: async (world) => ({
    ...(await withOrganization(world)),
    body: { rate_limit_per_minute: 5, suspended: true },
  }),
  eraseOrganization: withOrganization,
  createAdminKey: withOrganization,
  retryDeadLetter: deadLetter,
  getEvent: (world) => withEvent(world, "id"),
  acknowledgeEvent: (world) => withEvent(world, "event_id"),
  acknowledgeEventOld: (world) => withEvent(world, "event_id"),
  acknowledgeEvents: async ({ client }) => ({
    body: { event_ids: [(await client.publish(event)).body.id, unknownId] },
  }),
  configureWebhook: () => ({ body: webhook }),
  getWebhook: withWebhook,
  deleteWebhook: withWebhook,
  showError: () => ({ path: { code: "not_found" } }),
};
