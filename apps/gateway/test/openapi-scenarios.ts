import { type ApiAnswer, type ApiClient, callApi } from "@triggers/testing";
import type { DocumentedOperation } from "./openapi-document.ts";
import type { TestGateway } from "./start-test-gateway.ts";

/** What the scenarios run on. */
export interface World {
  gateway: TestGateway;
  /** Signup needs the operator's token, and everything is used up after a few requests. */
  strict: TestGateway;
  adminToken: string;
  client: ApiClient;
  /** An organization of its own for every call. */
  createClient: () => Promise<ApiClient>;
  /** A good key that may do nothing. */
  keyWithoutScopes: string;
}

export type Scenario = (world: World) => Promise<ApiAnswer>;

/** A request that succeeds: what goes into the path, behind it and into the body. */
interface Example {
  path?: Record<string, string>;
  query?: string;
  body?: unknown;
  client?: ApiClient;
}

/** More than any route takes. */
const tooMuch = " ".repeat(11 * 1_048_576);
const unknownId = "01890000-0000-7000-8000-000000000000";
const event = { type: "user.created", payload: { name: "Ada" } };
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

/** One for every operation that needs more than its path. A new route needs an entry here. */
export const examples: Record<string, (world: World) => Promise<Example> | Example> = {
  generateKey: () => ({ body: { organization_name: "Acme" } }),
  rotateKey: async ({ createClient }) => ({ client: await createClient(), body: { overlap_seconds: 60 } }),
  publishEvent: () => ({ body: { ...event, unheard_of: 1 } }),
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

/** What no rule below finds for itself. A status that only some routes have needs an entry here. */
const ownScenarios: Record<string, Record<number, Scenario>> = {
  publishEvent: {
    409: async ({ client }) => {
      const repeated = { ...event, dedup_id: "openapi" };
      await client.publish(repeated);
      return client.publish(repeated);
    },
  },
};

export function scenariosOf(operation: DocumentedOperation): Record<number, Scenario> {
  const { id, method, isKeyed, hasBody } = operation;
  const hasParameters = operation.path.includes("{");
  const send = (url: string, example: Example, headers: Record<string, string>) =>
    call(url, method, pathOf(operation, example), example.body, headers);
  const exampleIn = async (world: World) => (await examples[id]?.(world)) ?? {};
  const keyOf = (world: World, example: Example) => ({
    "x-api-key": (example.client ?? world.client).apiKey,
  });

  const succeed: Scenario = async (world) => {
    const example = await exampleIn(world);
    return send(world.gateway.url, example, isKeyed ? keyOf(world, example) : {});
  };
  const successes = Object.keys(operation.answers).filter((status) => /^[23]/.test(status));
  const scenarios: Record<number, Scenario> = Object.fromEntries(
    successes.slice(0, 1).map((status) => [status, succeed]),
  );
  if (isKeyed) {
    scenarios[400] = async (world) =>
      send(world.gateway.url, await exampleIn(world), { "x-api-key": "a", authorization: "Bearer b" });
    scenarios[401] = async (world) => send(world.gateway.url, await exampleIn(world), {});
    scenarios[403] = async (world) =>
      send(world.gateway.url, await exampleIn(world), { "x-api-key": world.keyWithoutScopes });
  } else {
    if (hasBody) scenarios[400] = ({ gateway }) => call(gateway.url, method, operation.path, "{");
    else if (hasParameters) {
      scenarios[400] = ({ gateway }) =>
        call(gateway.url, method, operation.path.replace(/\{\w+\}/g, "%E0%A4%A"));
    }
    scenarios[401] = async (world) => send(world.strict.url, await exampleIn(world), {});
  }
  scenarios[404] = async (world) => {
    const path = { id: unknownId, event_id: unknownId, key_id: "unknown", code: "unknown" };
    const { apiKey } = await world.createClient();
    return send(
      world.gateway.url,
      { ...(await exampleIn(world)), path },
      isKeyed ? { "x-api-key": apiKey } : {},
    );
  };
  scenarios[413] = ({ gateway, client }) =>
    call(gateway.url, method, operation.path, tooMuch, { "x-api-key": client.apiKey });
  scenarios[415] = ({ gateway, client }) =>
    call(gateway.url, method, operation.path, "x", {
      "x-api-key": client.apiKey,
      "content-type": "image/png",
    });
  scenarios[429] = async (world) => {
    const example = await exampleIn(world);
    const token = { authorization: `Bearer ${world.adminToken}` };
    for (let n = 0; ; n++) {
      const answer = await send(world.strict.url, example, isKeyed ? keyOf(world, example) : token);
      if (answer.status === 429 || n === 30) return answer;
    }
  };
  return Object.fromEntries(
    Object.entries({ ...scenarios, ...ownScenarios[id] }).filter(([status]) => status in operation.answers),
  );
}

function pathOf({ path }: DocumentedOperation, example: Example): string {
  return (
    path.replace(/\{(\w+)\}/g, (_, name: string) => example.path?.[name] ?? unknownId) + (example.query ?? "")
  );
}

/** As `callApi`, but with redirects as they are. */
async function call(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ApiAnswer> {
  if (method !== "GET") return callApi(url, method, path, body, headers);
  const response = await fetch(url + path, { headers, redirect: "manual" });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return {
    ...{ status: response.status, headers: response.headers, text },
    body: isJson ? JSON.parse(text) : text,
  };
}
