import { check } from "../../check.ts";
import { expectAnswer, expectProblem, expectTrue } from "../../expect.ts";
import { apiKey } from "../../shape.ts";
import type { World } from "../../world.ts";

const someId = "0198a000-0000-7000-8000-000000000000";

/** What each scope allows; a broken or unknown request is enough, for the scope is asked first. */
const routesOfScope: Record<string, [method: string, path: string][]> = {
  publish: [
    ["POST", "/api/events"],
    ["POST", "/api/events/batch"],
  ],
  read: [
    ["GET", "/api/keys"],
    ["GET", "/api/events"],
    ["GET", `/api/events/${someId}`],
    ["GET", "/api/inbox"],
    // A key that may read would be answered for ever, were its query right.
    ["GET", "/api/inbox/stream?from=%00"],
    ["GET", "/api/inbox/stats"],
    ["GET", "/api/webhook/config"],
    ["GET", "/api/endpoints"],
    ["GET", `/api/endpoints/${someId}`],
    ["GET", `/api/endpoints/${someId}/stats`],
    ["GET", "/api/deliveries"],
    ["GET", `/api/deliveries/${someId}`],
    ["GET", "/api/replays"],
    ["GET", `/api/replays/${someId}`],
  ],
  consume: [
    ["POST", `/api/inbox/ack/${someId}`],
    ["POST", `/api/ack/${someId}`],
    ["POST", "/api/inbox/ack"],
    ["POST", "/api/inbox/lease?colour=red"],
    ["POST", "/api/inbox/release"],
    ["POST", "/api/inbox/extend"],
    ["POST", "/api/inbox/redrive"],
  ],
  endpoints: [
    ["POST", "/api/webhook/config"],
    ["DELETE", "/api/webhook/config"],
    ["POST", "/api/endpoints"],
    ["PATCH", `/api/endpoints/${someId}`],
    ["DELETE", `/api/endpoints/${someId}`],
    ["POST", `/api/endpoints/${someId}/secret/rotate`],
    ["POST", `/api/endpoints/${someId}/test`],
    ["POST", `/api/endpoints/${someId}/disable`],
    ["POST", `/api/endpoints/${someId}/enable`],
    ["POST", `/api/endpoints/${someId}/replay`],
    ["POST", `/api/deliveries/${someId}/retry`],
    ["POST", "/api/deliveries/retry?colour=red"],
    ["DELETE", `/api/replays/${someId}`],
  ],
  admin: [
    ["POST", "/api/keys"],
    ["DELETE", "/api/keys/unknown"],
    ["DELETE", `/api/events/${someId}`],
    ["GET", `/api/endpoints/${someId}/secret`],
  ],
};

async function keyWith(world: World, scopes: string[]): Promise<string> {
  const answer = await (await world.organization("main")).call("POST", "/api/keys", { scopes });
  expectAnswer(answer, 201, { api_key: apiKey });
  return (answer.body as { api_key: string }).api_key;
}

export const scopeChecks = [
  ...["publish", "read", "consume", "endpoints"].map((scope) =>
    check(`the scope ${scope} allows its routes and no other; a missing scope is 403`, async (world) => {
      const key = await keyWith(world, [scope]);
      const main = await world.organization("main");
      for (const [other, routes] of Object.entries(routesOfScope)) {
        for (const [method, path] of routes) {
          const answer = await main.callWith(key, method, path);
          if (other !== scope) expectProblem(answer, 403, "missing_scope");
          else expectTrue(`${method} ${path} allowed`, ![401, 403].includes(answer.status), answer.text);
        }
      }
    }),
  ),
  check("the scope admin allows all; default: admin", async (world) => {
    const main = await world.organization("main");
    const created = await main.call("POST", "/api/keys", {});
    expectAnswer(created, 201, { scopes: ["admin"] });
    const key = (created.body as { api_key: string }).api_key;
    for (const [method, path] of Object.values(routesOfScope).flat()) {
      const answer = await main.callWith(key, method, path);
      expectTrue(`${method} ${path} allowed`, ![401, 403].includes(answer.status), answer.text);
    }
  }),
];
