import type { ApiClient } from "@triggers/testing";
import { type Example, unknownId } from "./openapi-examples.ts";
import type { Scenario, World } from "./openapi-world.ts";

const path = "/api/endpoints";
const url = "https://example.com/hooks";

const withEndpoint = async ({ client }: World, body?: unknown): Promise<Example> => {
  const answer = await client.request("POST", path, { url, metadata: { a: "b" }, headers: { "x-a": "b" } });
  return { path: { id: answer.body.id as string }, body };
};
/** An organization with as many endpoints as one without subscribers may have. */
const withAllEndpoints = async ({ createClient, db }: World): Promise<ApiClient> => {
  const client = await createClient();
  const { body } = await client.request("POST", path, { url });
  const row = await db
    .selectFrom("endpoints")
    .selectAll()
    .where("id", "=", body.id)
    .executeTakeFirstOrThrow();
  const rows = Array.from({ length: 49 }, () => ({ ...row, id: crypto.randomUUID() }));
  await db.insertInto("endpoints").values(rows).execute();
  return client;
};

export const endpointExamples: Record<string, (world: World) => Promise<Example> | Example> = {
  createEndpoint: async ({ createClient }) => ({
    client: await createClient(),
    body: { url, event_types: ["user.*"] },
  }),
  getEndpoint: withEndpoint,
  changeEndpoint: (world) => withEndpoint(world, { description: "changed", retry_schedule: [0, 5] }),
  deleteEndpoint: withEndpoint,
  disableEndpoint: withEndpoint,
  enableEndpoint: withEndpoint,
  getEndpointSecret: withEndpoint,
  rotateEndpointSecret: withEndpoint,
  getEndpointStats: withEndpoint,
  // One that exists would wait for a worker.
  testEndpoint: () => ({ path: { id: unknownId } }),
};

export const endpointScenarios: Record<string, Record<number, Scenario>> = {
  configureWebhook: {
    409: async (world) =>
      (await withAllEndpoints(world)).request("POST", "/api/webhook/config", { webhook_url: url }),
  },
  createEndpoint: {
    409: async (world) => (await withAllEndpoints(world)).request("POST", path, { url }),
  },
  rotateEndpointSecret: {
    409: async (world) => {
      const { path: { id = "" } = {} } = await withEndpoint(world);
      const rotate = () => world.client.request("POST", `${path}/${id}/secret/rotate`);
      for (let n = 0; n < 4; n++) await rotate();
      return rotate();
    },
  },
  changeEndpoint: {
    409: async ({ createClient }) => {
      const client = await createClient();
      await client.request("POST", path, { url, name: "default" });
      const { body } = await client.request("POST", path, { url });
      return client.request("PATCH", `${path}/${body.id}`, { name: "default" });
    },
  },
};

export const furtherEndpointScenarios: [string, number, Scenario][] = [
  [
    "testEndpoint",
    200,
    async ({ client }) => {
      const { body } = await client.request("POST", path, { url: "https://hooks.example.test/" });
      return client.request("POST", `${path}/${body.id}/test`);
    },
  ],
];
