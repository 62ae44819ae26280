import { check } from "../../check.ts";
import { expectFaults, expectProblem, expectShape, expectTrue } from "../../expect.ts";
import { Mismatch } from "../../mismatch.ts";
import { text, timestamp, uuidV7 } from "../../shape.ts";

const someId = "0198a000-0000-7000-8000-000000000000";

/** Routes whose query the contract names nothing of. */
const routesWithoutQuery: [method: string, path: string, body?: unknown][] = [
  ["GET", "/api/keys"],
  ["POST", "/api/keys", { name: "x" }],
  ["POST", "/api/keys/rotate", {}],
  ["DELETE", "/api/keys/unknown"],
  ["POST", "/api/events/batch", { events: [{ type: "a", payload: {} }] }],
  ["GET", `/api/events/${someId}`],
  ["DELETE", `/api/events/${someId}`],
  ["POST", `/api/inbox/ack/${someId}`],
  ["POST", "/api/inbox/ack", { event_ids: [someId] }],
  ["POST", "/api/webhook/config", { webhook_url: "https://example.com/" }],
  ["GET", "/api/webhook/config"],
  ["DELETE", "/api/webhook/config"],
  ["POST", "/api/inbox/lease", {}],
  ["POST", "/api/inbox/release", { lease_id: someId }],
  ["POST", "/api/inbox/extend", { lease_id: someId, lease_seconds: 60 }],
  ["POST", "/api/inbox/redrive", { event_ids: [someId] }],
  ["GET", "/api/inbox/stats"],
  ["POST", "/api/endpoints", { url: "https://example.com/" }],
  ["GET", `/api/endpoints/${someId}`],
  ["PATCH", `/api/endpoints/${someId}`, { name: "x" }],
  ["DELETE", `/api/endpoints/${someId}`],
  ["GET", `/api/endpoints/${someId}/secret`],
  ["POST", `/api/endpoints/${someId}/secret/rotate`, {}],
  ["POST", `/api/endpoints/${someId}/test`],
  ["GET", `/api/endpoints/${someId}/stats`],
  ["POST", `/api/endpoints/${someId}/disable`],
  ["POST", `/api/endpoints/${someId}/enable`],
  ["POST", `/api/endpoints/${someId}/replay`],
  ["GET", `/api/deliveries/${someId}`],
  ["POST", `/api/deliveries/${someId}/retry`],
  ["POST", "/api/deliveries/retry", {}],
  ["GET", `/api/replays/${someId}`],
  ["DELETE", `/api/replays/${someId}`],
];

export const conventionChecks = [
  check("ids are UUIDv7, timestamps RFC 3339 UTC with milliseconds", async (world) => {
    const main = await world.organization("main");
    expectShape((await main.publish()).body, { id: uuidV7, created_at: timestamp });
    expectShape(main.generated, { organization_id: uuidV7, created_at: timestamp });
  }),
  check("unknown body fields are a 400 unknown_field with did you mean", async (world) => {
    const main = await world.organization("main");
    for (const [path, body, pointer, meant] of [
      ["/api/keys", { scope: ["read"] }, "/scope", "scopes"],
      ["/api/keys/rotate", { overlap_second: 1 }, "/overlap_second", "overlap_seconds"],
      ["/api/inbox/ack", { event_ids: [], event_id: "x" }, "/event_id", "event_ids"],
      [
        "/api/webhook/config",
        { webhook_url: "https://example.com/", event_type: [] },
        "/event_type",
        "event_types",
      ],
    ] as const) {
      const answer = await main.call("POST", path, body);
      expectProblem(answer, 400);
      const fault = (answer.body as { errors: { pointer: string; detail: string }[] }).errors.find(
        (one) => one.pointer === pointer,
      );
      expectTrue(`${path} to mean "${meant}"`, fault?.detail.includes(`"${meant}"`) === true, answer.text);
    }
    expectProblem(await main.call("POST", "/api/keys", { scope: ["read"] }), 400, "unknown_field");
    expectProblem(await main.call("POST", "/api/keys", '{"__proto__":{}}'), 400, "unknown_field");
  }),
  check("unknown query fields of lists are a 400 unknown_field with did you mean", async (world) => {
    const main = await world.organization("main");
    for (const [path, name, meant] of [
      ["/api/events", "limits", "limit"],
      ["/api/inbox", "event_types", "event_type"],
    ] as const) {
      const answer = await main.call("GET", `${path}?${name}=1`);
      expectProblem(answer, 400, "unknown_field");
      expectFaults(answer, name);
      expectTrue(`${path} to mean "${meant}"`, answer.text.includes(`\\"${meant}\\"`), answer.text);
    }
  }),
  check("unknown query fields are a 400 unknown_field also on routes that have none", async (world) => {
    // Where such a field is ignored, its keys are rotated and its webhook is gone.
    const main = await world.createOrganization();
    const accepting: string[] = [];
    for (const [method, path, body] of routesWithoutQuery) {
      const answer = await main.call(method, `${path}?colour=red`, body);
      if (answer.body?.code !== "unknown_field") accepting.push(`${method} ${path}: ${answer.status}`);
    }
    if (accepting.length > 0) throw new Mismatch("400 unknown_field everywhere", accepting.join("; "));
  }),
  check("except on POST /api/events, whose 202 carries warnings: [{pointer, detail}]", async (world) => {
    const main = await world.organization("main");
    const { body } = await main.publish({ dedupid: "x", payloads: {} });
    expectShape(body, { warnings: [{ pointer: text, detail: text }] });
    const { warnings } = body as { warnings: { pointer: string; detail: string }[] };
    expectTrue("two warnings", warnings.length === 2, warnings);
    expectTrue('a warning with "dedup_id"', warnings[0]?.detail.includes('"dedup_id"') === true, warnings);
  }),
  check("unknown query fields of POST /api/events are a 400 unknown_field", async (world) => {
    const main = await world.organization("main");
    const event = { type: "a", payload: {} };
    expectProblem(await main.call("POST", "/api/events?on_duplicates=accept", event), 400, "unknown_field");
  }),
  check("a number outside its range is a 400, never clamped", async (world) => {
    const main = await world.organization("main");
    for (const path of ["/api/events", "/api/inbox"]) {
      for (const limit of ["0", "1001", "-1", "1.5", "ten"]) {
        expectFaults(await main.call("GET", `${path}?limit=${limit}`), "limit");
      }
    }
    expectFaults(await main.call("GET", "/api/inbox?offset=10001"), "offset");
    expectFaults(
      await main.call("POST", "/api/keys/rotate", { overlap_seconds: 604_801 }),
      "/overlap_seconds",
    );
    expectFaults(await main.call("POST", "/api/keys/rotate", { overlap_seconds: -1 }), "/overlap_seconds");
    const config = { webhook_url: "https://example.com/" };
    for (const timeout_ms of [999, 30_001]) {
      expectFaults(await main.call("POST", "/api/webhook/config", { ...config, timeout_ms }), "/timeout_ms");
    }
  }),
];
