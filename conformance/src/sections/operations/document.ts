import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectHeader, expectProblem, expectTrue } from "../../expect.ts";
import { map, text } from "../../shape.ts";
import type { World } from "../../world.ts";

/** The routes of sections 1 to 6 and 9. A new area adds its own. */
const routes = [
  "post /api/keys/generate",
  "get /api/keys",
  "post /api/keys",
  "post /api/keys/rotate",
  "delete /api/keys/{key_id}",
  "post /api/events",
  "post /api/events/batch",
  "get /api/events",
  "get /api/events/{id}",
  "delete /api/events/{id}",
  "get /api/inbox",
  "post /api/inbox/ack/{event_id}",
  "post /api/ack/{event_id}",
  "post /api/inbox/ack",
  "post /api/inbox/lease",
  "post /api/inbox/release",
  "post /api/inbox/extend",
  "post /api/inbox/redrive",
  "get /api/inbox/stream",
  "get /api/inbox/stats",
  "post /api/webhook/config",
  "get /api/webhook/config",
  "delete /api/webhook/config",
  "post /api/endpoints",
  "get /api/endpoints",
  "get /api/endpoints/{id}",
  "patch /api/endpoints/{id}",
  "delete /api/endpoints/{id}",
  "get /api/endpoints/{id}/secret",
  "post /api/endpoints/{id}/secret/rotate",
  "post /api/endpoints/{id}/test",
  "get /api/endpoints/{id}/stats",
  "post /api/endpoints/{id}/disable",
  "post /api/endpoints/{id}/enable",
  "post /api/endpoints/{id}/replay",
  "get /api/deliveries",
  "get /api/deliveries/{id}",
  "post /api/deliveries/{id}/retry",
  "post /api/deliveries/retry",
  "get /api/replays",
  "get /api/replays/{id}",
  "delete /api/replays/{id}",
  "get /",
  "get /health",
  "get /api/health",
  "get /api/health/detailed",
  "get /health/live",
  "get /health/ready",
  "get /stats/cache",
  "get /api/queue/stats",
  "get /openapi.json",
  "get /docs",
  "get /docs/errors/{code}",
  "get /api/admin/organizations",
  "get /api/admin/organizations/{id}",
  "patch /api/admin/organizations/{id}",
  "delete /api/admin/organizations/{id}",
  "post /api/admin/organizations/{id}/keys",
  "get /api/admin/queues",
  "get /api/admin/dead-letters",
  "post /api/admin/dead-letters/{id}/retry",
  "get /api/admin/audit-log",
];

interface Operation {
  operationId?: string;
  deprecated?: boolean;
}

async function operationsOf(world: World): Promise<Map<string, Operation>> {
  const { body } = await world.call("GET", "/openapi.json");
  const { paths } = body as { paths: Record<string, Record<string, Operation>> };
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      // The names of parameters are the document's own.
      Object.entries(methods).map(
        ([method, one]) => [`${method} ${path.replace(/\{[^}]+\}/g, "{}")}`, one] as const,
      ),
    ),
  );
}

export const documentChecks = [
  check("/openapi.json: 3.1, with webhooks: for what endpoints receive", async (world) => {
    const answer = await world.call("GET", "/openapi.json");
    expectAnswer(answer, 200, { openapi: text, info: map, paths: map, webhooks: map });
    const { openapi } = answer.body as { openapi: string };
    expectTrue("OpenAPI 3.1", openapi.startsWith("3.1"), openapi);
  }),
  check("the truth: every route above", async (world) => {
    const operations = await operationsOf(world);
    const missing = routes.filter((route) => !operations.has(route.replace(/\{[^}]+\}/g, "{}")));
    expectEqual("the routes that are missing", missing, []);
  }),
  check("fixed operationIds, each once", async (world) => {
    const ids = [...(await operationsOf(world)).values()].map(({ operationId }) => operationId ?? "");
    expectTrue(
      "an operationId for each",
      ids.every((id) => /^[a-zA-Z]\w+$/.test(id)),
      ids,
    );
    expectEqual("the number of operationIds", new Set(ids).size, ids.length);
  }),
  check("OpenAPI marks what is old as deprecated", async (world) => {
    const old = (await operationsOf(world)).get("post /api/ack/{}");
    expectEqual("deprecated of POST /api/ack/:event_id", old?.deprecated, true);
  }),
  check("/docs: a page that loads nothing from elsewhere; /redoc leads there", async (world) => {
    const page = await world.call("GET", "/docs");
    expectAnswer(page, 200);
    expectHeader(page, "content-type", /^text\/html/);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source = ""]) => source);
    expectEqual(
      "sources elsewhere",
      sources.filter((source) => /^(https?:)?\/\//.test(source)),
      [],
    );
    for (const source of sources.filter((one) => /\.(js|css)$/.test(one))) {
      expectAnswer(await world.call("GET", source), 200);
    }
    const redoc = await world.call("GET", "/redoc");
    expectTrue("a redirect", [301, 302, 307, 308].includes(redoc.status), redoc.status);
    expectHeader(redoc, "Location", /\/docs$/);
  }),
  check("/docs/errors/<code>", async (world) => {
    const page = await world.call("GET", "/docs/errors/duplicate_event");
    expectAnswer(page, 200);
    expectHeader(page, "content-type", /^text\/html/);
    expectTrue("the code in it", page.text.includes("duplicate_event"), page.text);
    expectProblem(await world.call("GET", "/docs/errors/no_such_code"), 404, "not_found");
  }),
];
