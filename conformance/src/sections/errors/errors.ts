import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectHeader, expectProblem, expectTrue } from "../../expect.ts";
import type { Answer } from "../../http-call.ts";
import type { World } from "../../world.ts";

/** One refusal of every kind that can be provoked from outside. */
async function refusals(world: World): Promise<[status: number, code: string, answer: Answer][]> {
  const main = await world.organization("main");
  const events = "/api/events";
  const dedup_id = `errors-${Math.random()}`;
  await main.publish({ dedup_id });
  const post = (body: unknown, headers = {}) => main.call("POST", events, body, headers);
  return [
    [400, "invalid_request", await post({ type: "." })],
    [400, "malformed_json", await post("{")],
    [400, "unknown_field", await main.call("GET", `${events}?colour=red`)],
    [401, "missing_api_key", await world.call("GET", "/api/inbox")],
    [401, "invalid_api_key", await world.call("GET", "/api/inbox", undefined, { "x-api-key": "wrong" })],
    [404, "not_found", await main.call("GET", `${events}/0198a000-0000-7000-8000-000000000000`)],
    [404, "not_found", await world.call("GET", "/nowhere")],
    [405, "method_not_allowed", await main.call("PUT", events)],
    [409, "duplicate_event", await post({ type: "a", payload: {}, dedup_id })],
    [413, "payload_too_large", await post("x".repeat(262_145))],
    [415, "unsupported_media_type", await post("x", { "content-type": "text/plain" })],
  ];
}

export const errorChecks = [
  check(
    "RFC 9457, application/problem+json: {type, title, status, detail, instance, code, retryable, request_id, error}",
    async (world) => {
      for (const [status, code, answer] of await refusals(world)) expectProblem(answer, status, code);
    },
  ),
  check("type is /docs/errors/<code>, a page with code, status, cause and cure", async (world) => {
    for (const [status, code, { body }] of await refusals(world)) {
      const page = await world.call("GET", (body as { type: string }).type);
      expectAnswer(page, 200);
      for (const part of [code, String(status), "Cause", "Cure"]) {
        expectTrue(`"${part}" on the page of ${code}`, page.text.includes(part), page.text);
      }
    }
  }),
  check("404 and 405 (with Allow) are problem documents too", async (world) => {
    for (const path of ["/nowhere", "/api/nowhere", "/api/events/a/b/c", "/docs/nowhere"]) {
      expectProblem(await world.call("GET", path), 404, "not_found");
    }
    const answer = await world.call("PUT", "/api/events");
    expectProblem(answer, 405, "method_not_allowed");
    expectHeader(answer, "Allow", /POST/);
    expectHeader(answer, "Allow", /GET/);
  }),
  check("instance tells the request apart, request_id is X-Request-Id", async (world) => {
    const answer = await world.call("GET", "/nowhere");
    expectEqual(
      "request_id",
      (answer.body as { request_id: string }).request_id,
      answer.headers["x-request-id"],
    );
  }),
  check("X-Request-Id of the request is kept when sane", async (world) => {
    const headers = { "x-request-id": "conformance-1.2:3_4" };
    const answer = await world.call("GET", "/nowhere", undefined, headers);
    expectHeader(answer, "X-Request-Id", /^conformance-1\.2:3_4$/);
    expectProblem(answer, 404, "not_found", { request_id: "conformance-1.2:3_4" });
  }),
  check("… and replaced when not", async (world) => {
    for (const insane of ["x".repeat(1_000), 'a"b<c>', "with space"]) {
      const answer = await world.call("GET", "/health", undefined, { "x-request-id": insane });
      const kept = expectHeader(answer, "X-Request-Id", /\S/);
      expectTrue("another request id", kept !== insane, kept);
    }
  }),
  check("no malformed request is a 500, and none shows an exception's text", async (world) => {
    const main = await world.organization("main");
    const answers = [
      await main.call("GET", "/api/events/%"),
      await main.call("GET", "/%ff"),
      await main.call("GET", "/api/inbox?cursor=%ff%00"),
      await main.call("GET", "/api/inbox?limit[a]=1"),
      await main.call("GET", "/api/inbox?limit=1&limit=2"),
      await main.call("GET", "/api/events?subscriber=%00"),
      await main.call("POST", "/api/keys", '{"name":"\\u0000"}'),
      await main.call("POST", "/api/keys", '{"__proto__":{}}'),
      await main.call("POST", "/api/events", '{"type":"a","payload":{},"subscriber":"\\ud800"}'),
      await main.call("DELETE", "/api/keys/%00"),
      await main.call("POST", "/api/events", "{}", { "content-encoding": "gzip" }),
    ];
    for (const answer of answers) {
      expectTrue("a status from 400 to 499", answer.status >= 400 && answer.status < 500, answer.text);
      expectProblem(answer, answer.status);
      expectTrue("no stack", !/\bat .*\.(ts|js):\d+/.test(answer.text), answer.text);
    }
  }),
];
