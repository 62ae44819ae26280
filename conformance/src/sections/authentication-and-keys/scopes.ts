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
    ["GET", "/api/webhook/config"],
  ],
  consume: [
    ["POST", `/api/inbox/ack/${someId}`],
    ["POST", `/api/ack/${someId}`],
    ["POST", "/api/inbox/ack"],
  ],
  endpoints: [
    ["POST", "/api/webhook/config"],
    ["DELETE", "/api/webhook/config"],
  ],
  admin: [
    ["POST", "/api/keys"],
    ["DELETE", "/api/keys/unknown"],
    ["DELETE", `/api/events/${someId}`],
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
