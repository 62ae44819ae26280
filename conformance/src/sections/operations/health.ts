import { check } from "../../check.ts";
import { NotApplicable } from "../../not-applicable.ts";
import { expectAnswer, expectHeader, expectProblem, expectTrue } from "../../expect.ts";
import { count, list, map, oneOf, text } from "../../shape.ts";

/** Figures that the gateway must count by itself; names are of its Prometheus text. */
const figures = [/_requests_total\{/, /_duration_seconds_bucket\{/, /le="0\.0005"/, /le="1"/];

export const healthChecks = [
  check("GET / (name, version, links)", async (world) => {
    expectAnswer(await world.call("GET", "/"), 200, { name: text, version: text, links: map });
  }),
  check("GET /health: 200 {status: healthy, …}", async (world) => {
    expectAnswer(await world.call("GET", "/health"), 200, { status: "healthy" });
  }),
  check("also /api/health, /api/health/detailed", async (world) => {
    expectAnswer(await world.call("GET", "/api/health"), 200, { status: "healthy" });
    expectAnswer(await world.call("GET", "/api/health/detailed"), 200, { status: "healthy" });
  }),
  check("/health/live", async (world) => {
    expectAnswer(await world.call("GET", "/health/live"), 200, { status: text });
  }),
  check("/health/ready: 200 ready, or degraded with what is down", async (world) => {
    const answer = await world.call("GET", "/health/ready");
    expectAnswer(answer, 200, { status: oneOf("ready", "degraded") });
    const { status, down } = answer.body as { status: string; down?: unknown };
    expectTrue("`down` where it is degraded", status === "ready" || Array.isArray(down), answer.text);
  }),
  check("/metrics (Prometheus), on METRICS_PORT when set, else on the main port", async (world) => {
    const answer = await world.call("GET", "/metrics");
    if (answer.status === 404) throw new NotApplicable("the metrics have a port of their own here");
    expectAnswer(answer, 200);
    expectHeader(answer, "content-type", /^text\/plain/);
    for (const figure of figures)
      expectTrue(`a figure like ${String(figure)}`, figure.test(answer.text), "none");
  }),
  check("/stats/cache, /api/queue/stats need ADMIN_TOKEN", async (world) => {
    for (const path of ["/stats/cache", "/api/queue/stats"]) {
      expectProblem(await world.call("GET", path), 401, "admin_token_required");
    }
    expectAnswer(await world.callAsOperator("GET", "/stats/cache"), 200);
    expectAnswer(await world.callAsOperator("GET", "/api/queue/stats"), 200, { depth: count });
  }),
  check("every answer carries X-Request-Id and X-Response-Time", async (world) => {
    const main = await world.organization("main");
    const answers = [
      await world.call("GET", "/"),
      await world.call("GET", "/docs"),
      await world.call("GET", "/nowhere"),
      await world.call("GET", "/api/keys"),
      await world.call("PUT", "/health"),
      await main.publish(),
      await main.call("POST", "/api/events", "{"),
      await main.call("DELETE", "/api/events/0198a000-0000-7000-8000-000000000000"),
    ];
    for (const answer of answers) {
      expectHeader(answer, "X-Request-Id", /\S/);
      expectHeader(answer, "X-Response-Time", /\d/);
    }
  }),
  check("CORS_ALLOWED_ORIGINS: what is allowed is allowed for preflights too", async (world) => {
    const headers = { origin: "https://conformance.example" };
    const answer = await world.call("GET", "/health", undefined, headers);
    if (answer.headers["access-control-allow-origin"] === undefined) {
      throw new NotApplicable("no other origin is allowed here");
    }
    const preflight = await world.call("OPTIONS", "/api/events", undefined, {
      ...headers,
      ...{ "access-control-request-method": "POST", "access-control-request-headers": "x-api-key" },
    });
    expectTrue("a status of success", preflight.status >= 200 && preflight.status < 300, preflight.status);
    expectHeader(preflight, "Access-Control-Allow-Headers", /x-api-key/i);
  }),
  check("readiness names no list where all is well", async (world) => {
    const { body } = await world.call("GET", "/health/ready");
    if ((body as { status: string }).status !== "ready") throw new NotApplicable("the server is degraded");
    expectTrue("no `down`", !list.matches((body as { down?: unknown }).down), body);
  }),
];
