import { createApiKey } from "@triggers/domain";
import type { ApiClient } from "@triggers/testing";
import { event } from "./openapi-examples.ts";
import { operatorScenarios } from "./openapi-operator-scenarios.ts";
import { readingScenarios } from "./openapi-reading-scenarios.ts";
import { call, type Scenario, type World } from "./openapi-world.ts";

/** An organization with as many keys as it may have. */
const withAllKeys = async ({ db, createClient }: World): Promise<ApiClient> => {
  const client = await createClient();
  const keys = Array.from({ length: 999 }, () => ({
    ...{ key_id: createApiKey().keyId, organization_id: client.organizationId },
    ...{ secret_hash: "none", scopes: ["read" as const], name: null },
  }));
  await db.insertInto("api_keys").values(keys).execute();
  return client;
};
const reuseIdempotencyKey = async (client: ApiClient, path: string, [first, second]: object[]) => {
  const headers = { "idempotency-key": "openapi" };
  await client.request("POST", path, first, headers);
  return client.request("POST", path, second, headers);
};

/** What no rule below finds for itself. A status that only some routes have needs an entry here. */
export const ownScenarios: Record<string, Record<number, Scenario>> = {
  ...operatorScenarios,
  ...readingScenarios,
  publishEvent: {
    409: async ({ client }) => {
      const repeated = { ...event, dedup_id: "openapi" };
      await client.publish(repeated);
      return client.publish(repeated);
    },
    422: ({ client }) => reuseIdempotencyKey(client, "/api/events", [event, { ...event, type: "b" }]),
  },
  publishBatch: {
    422: async ({ createClient }) =>
      reuseIdempotencyKey(await createClient(), "/api/events/batch", [
        { events: [event] },
        { events: [{ ...event, type: "b" }] },
      ]),
  },
  createKey: {
    409: async (world) => (await withAllKeys(world)).request("POST", "/api/keys", {}),
  },
  createAdminKey: {
    409: async (world) => {
      const { organizationId } = await withAllKeys(world);
      const path = `/api/admin/organizations/${organizationId}/keys`;
      return call(world.gateway.url, "POST", path, {}, { authorization: `Bearer ${world.adminToken}` });
    },
  },
  revokeKey: {
    409: async ({ createClient }) => {
      const client = await createClient();
      const { body } = await client.request("GET", "/api/keys");
      return client.request("DELETE", `/api/keys/${body.keys[0].key_id}`);
    },
  },
};

/** An organization has to be so large that its erasure outlasts the request, 10 s; a test send needs a worker. */
export const unprovokable: Record<string, number[]> = { eraseOrganization: [202], testEndpoint: [200] };
