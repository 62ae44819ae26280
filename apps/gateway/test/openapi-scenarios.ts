import type { DocumentedOperation } from "./openapi-document.ts";
import { deliveryExamples, deliveryScenarios } from "./openapi-delivery-examples.ts";
import { endpointExamples, endpointScenarios } from "./openapi-endpoint-scenarios.ts";
import { type Example, examples, unknownId } from "./openapi-examples.ts";
import { inboxExamples, inboxScenarios } from "./openapi-inbox-scenarios.ts";
import { ownScenarios, unprovokable } from "./openapi-own-scenarios.ts";
import { call, type Scenario, type World } from "./openapi-world.ts";

const allExamples = { ...examples, ...inboxExamples, ...endpointExamples, ...deliveryExamples };

/** More than any route takes. */
const tooMuch = " ".repeat(11 * 1_048_576);

export function scenariosOf(operation: DocumentedOperation): Record<number, Scenario> {
  const { id, method, isKeyed, isOperators, hasBody, hasQuery } = operation;
  const hasParameters = operation.path.includes("{");
  const send = (url: string, example: Example, headers: Record<string, string>) =>
    call(url, method, pathOf(operation, example), example.body, headers);
  const exampleIn = async (world: World) => (await allExamples[id]?.(world)) ?? {};
  const tokenOf = (world: World) => ({ authorization: `Bearer ${world.adminToken}` });
  const credentialsOf = (world: World, { client = world.client }: Example = {}): Record<string, string> =>
    isKeyed ? { "x-api-key": client.apiKey } : isOperators ? tokenOf(world) : {};

  const succeed: Scenario = async (world) => {
    const example = await exampleIn(world);
    return send(world.gateway.url, example, credentialsOf(world, example));
  };
  const successes = Object.keys(operation.answers).filter(
    (status) => /^[23]/.test(status) && !unprovokable[id]?.includes(Number(status)),
  );
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
    if (hasBody) {
      scenarios[400] = async (world) =>
        send(world.gateway.url, { ...(await exampleIn(world)), body: "{" }, credentialsOf(world));
    } else if (hasParameters) {
      scenarios[400] = ({ gateway }) =>
        call(gateway.url, method, operation.path.replace(/\{\w+\}/g, "%E0%A4%A"));
    } else if (hasQuery || isOperators) {
      scenarios[400] = (world) => send(world.gateway.url, { query: "?unheard_of=1" }, credentialsOf(world));
    }
    scenarios[401] = async (world) => send(world.strict.url, await exampleIn(world), {});
  }
  scenarios[404] = async (world) => {
    const path = {
      ...{ id: unknownId, event_id: unknownId, organization_id: unknownId },
      ...{ key_id: "unknown", code: "unknown" },
    };
    const client = await world.createClient();
    return send(world.gateway.url, { ...(await exampleIn(world)), path }, credentialsOf(world, { client }));
  };
  scenarios[413] = (world) => send(world.gateway.url, { body: tooMuch }, credentialsOf(world));
  scenarios[415] = (world) =>
    send(world.gateway.url, { body: "x" }, { ...credentialsOf(world), "content-type": "image/png" });
  scenarios[429] = async (world) => {
    const example = await exampleIn(world);
    for (let n = 0; ; n++) {
      const credentials = isKeyed ? credentialsOf(world, example) : tokenOf(world);
      const answer = await send(world.strict.url, example, credentials);
      if (answer.status === 429 || n === 30) return answer;
    }
  };
  return Object.fromEntries(
    Object.entries({
      ...scenarios,
      ...ownScenarios[id],
      ...inboxScenarios[id],
      ...endpointScenarios[id],
      ...deliveryScenarios[id],
    }).filter(([status]) => status in operation.answers),
  );
}

function pathOf({ path }: DocumentedOperation, example: Example): string {
  return (
    path.replace(/\{(\w+)\}/g, (_, name: string) => example.path?.[name] ?? unknownId) + (example.query ?? "")
  );
}
