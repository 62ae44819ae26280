import type { ApiClient } from "@triggers/testing";
import { type Example, unknownId } from "./openapi-examples.ts";
import type { Scenario, World } from "./openapi-world.ts";
import { storeEvents } from "./start-inbox.ts";

interface Leased {
  client: ApiClient;
  leaseId: string;
  ids: string[];
}

/** An organization of its own with a lease of two events. */
async function lease({ db, createClient }: World): Promise<Leased> {
  const client = await createClient();
  const ids = await storeEvents(db, client.organizationId, 2);
  const { body } = await client.request("POST", "/api/inbox/lease", {});
  return { client, leaseId: body.lease_id as string, ids };
}
const withLease = async (world: World, more: object = {}): Promise<Example> => {
  const { client, leaseId } = await lease(world);
  return { client, body: { lease_id: leaseId, ...more } };
};
/** By a lease of which nothing is left. */
const afterTheEnd =
  (verb: string, more: object = {}): Scenario =>
  async (world) => {
    const { client, leaseId } = await lease(world);
    await client.request("POST", "/api/inbox/release", { lease_id: leaseId });
    return client.request("POST", `/api/inbox/${verb}`, { lease_id: leaseId, ...more });
  };

export const inboxExamples: Record<string, (world: World) => Promise<Example> | Example> = {
  leaseEvents: async (world) => {
    const client = await world.createClient();
    await storeEvents(world.db, client.organizationId, 1);
    return { client, body: { wait_seconds: 0, event_types: ["a", "user.*"] } };
  },
  releaseLease: (world) => withLease(world, { delay_seconds: 1 }),
  extendLease: (world) => withLease(world, { lease_seconds: 60 }),
  redriveEvents: async (world) => {
    const { client, ids } = await lease(world);
    await world.db
      .updateTable("events")
      .set({ inbox_status: "quarantined" })
      .where("id", "in", ids)
      .execute();
    return { client, body: { event_ids: ids } };
  },
};

export const inboxScenarios: Record<string, Record<number, Scenario>> = {
  acknowledgeEvents: {
    404: ({ client }) => client.request("POST", "/api/inbox/ack", { lease_id: unknownId }),
    409: afterTheEnd("ack"),
  },
  releaseLease: { 409: afterTheEnd("release") },
  extendLease: { 409: afterTheEnd("extend", { lease_seconds: 60 }) },
};

export const furtherInboxScenarios: [string, number, Scenario][] = [
  [
    "leaseEvents",
    200,
    async ({ createClient }) => (await createClient()).request("POST", "/api/inbox/lease", {}),
  ],
  [
    "acknowledgeEvents",
    200,
    async (world) => {
      const { client, leaseId, ids } = await lease(world);
      const body = { lease_id: leaseId, event_ids: [...ids, unknownId] };
      return client.request("POST", "/api/inbox/ack", body);
    },
  ],
  [
    "releaseLease",
    200,
    async (world) => {
      const { client, leaseId, ids } = await lease(world);
      await client.request("POST", "/api/inbox/ack", { event_ids: ids.slice(0, 1) });
      const body = { lease_id: leaseId, event_ids: [...ids, unknownId] };
      return client.request("POST", "/api/inbox/release", body);
    },
  ],
  [
    "redriveEvents",
    200,
    async (world) => {
      const { client, ids } = await lease(world);
      return client.request("POST", "/api/inbox/redrive", { event_ids: [...ids, unknownId] });
    },
  ],
  [
    "getInboxStats",
    200,
    async (world) => {
      const { client, leaseId } = await lease(world);
      await client.request("POST", "/api/inbox/release", { lease_id: leaseId });
      return client.request("GET", "/api/inbox/stats");
    },
  ],
];
