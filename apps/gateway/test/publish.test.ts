import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiAnswer, type ApiClient, callApi } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.createClient();
});
afterAll(() => gateway.stop());

const event = (more: object = {}) => ({ type: "user.created", payload: { a: 1 }, ...more });
const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${"}".repeat(depth - 1)}`;
const post = (body: unknown, headers?: Record<string, string>, path = "/api/events") =>
  client.request("POST", path, body, headers);
const pointersOf = ({ body }: ApiAnswer) =>
  (body.errors as { pointer: string }[]).map(({ pointer }) => pointer).sort();
/** The body in pieces, without a length. */
async function postChunked(bytes: number): Promise<ApiAnswer> {
  const stream = new ReadableStream({
    start(controller) {
      for (let sent = 0; sent < bytes; sent += 16_384) {
        controller.enqueue(new Uint8Array(Math.min(16_384, bytes - sent)).fill(0x20));
      }
      controller.close();
    },
  });
  const headers = { "x-api-key": client.apiKey, "content-type": "application/json" };
  const url = `${gateway.url}/api/events`;
  const response = await fetch(url, { method: "POST", headers, body: stream, duplex: "half" });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as unknown };
}

describe("an accepted event (contract, section 2)", () => {
  test("is answered with 202, its id and its place", async () => {
    const { status, body, headers } = await post(
      event({
        dedup_id: "d-1",
        subscriber: "s",
        metadata: { k: "v" },
        occurred_at: "2026-01-31T12:00:00+01:00",
      }),
    );
    expect(status).toBe(202);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      event_id: body.id,
      type: "user.created",
      status: "accepted",
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: expect.any(String),
    });
    expect(headers.get("location")).toBe(`/api/events/${body.id}`);
  });

  test.each(["a", "x".repeat(255), "User_1.created:v2/eu-west"])("may be of type %s", async (type) => {
    expect((await post(event({ type }))).status).toBe(202);
  });

  test.each([
    ["64 levels deep", `{"type":"a","payload":${nested(63)}}`],
    ["of exactly 262 144 bytes", `{"type":"a","payload":{}}`.padEnd(262_144)],
    ["with a byte order mark", `\ufeff{"type":"a","payload":{}}`],
    ["with a repeated key inside the payload", `{"type":"a","payload":{"b":1,"b":2}}`],
    ["with an empty metadata value", `{"type":"a","payload":{},"metadata":{"k":""}}`],
  ])("may be %s", async (_what, body) => {
    expect((await post(body)).status).toBe(202);
  });

  test("an unknown field is a warning, not a refusal", async () => {
    const { status, body } = await post(event({ dedupe_id: "x", "a/b~c": 1 }));
    expect(status).toBe(202);
    expect(body.warnings).toEqual([
      { pointer: "/dedupe_id", detail: 'is not known here; did you mean "dedup_id"?' },
      { pointer: "/a~1b~0c", detail: "is not known here" },
    ]);
  });
});

describe("a refused event", () => {
  test.each([
    ["an empty body", "", "malformed_json"],
    ["half a body", '{"type":"a","payload":{"secret-word":', "malformed_json"],
    ["no JSON", "secret-word", "malformed_json"],
    ["bad UTF-8", Buffer.from('{"type":"a","payload":{"secret-word":"\xff"}}', "latin1"), "malformed_json"],
    ["an array", '["secret-word"]', "invalid_request"],
    ["null", "null", "invalid_request"],
    ["depth 65", `{"type":"a","payload":${nested(64)}}`, "invalid_request"],
    ["depth 30 000", `{"type":"a","payload":${nested(30_000)}}`, "invalid_request"],
    ["1e400", '{"type":"a","payload":{"n":[1e400]}}', "invalid_request"],
    ["a repeated top-level key", '{"type":"a","payload":{},"payload":{}}', "invalid_request"],
    ["a key repeated by an escape", '{"type":"a","payload":{},"p\\u0061yload":{}}', "invalid_request"],
  ])("%s is a 400 that repeats nothing of the body", async (_what, body, code) => {
    const answer = await post(body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.text).not.toContain("secret-word");
    expect(gateway.logText()).not.toContain("secret-word");
  });

  test("names every broken field at once, by JSON pointer", async () => {
    const answer = await post({
      type: "a b",
      payload: [],
      dedup_id: "",
      subscriber: 7,
      metadata: { ok: "x", "no/t": 1 },
      occurred_at: "yesterday",
    });
    expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
    const all = ["/dedup_id", "/metadata/no~1t", "/occurred_at", "/payload", "/subscriber", "/type"];
    expect(pointersOf(answer)).toEqual(all);
  });

  test.each([
    ["a missing type and payload", {}, ["/payload", "/type"]],
    ["an empty type", event({ type: "" }), ["/type"]],
    ["a type of 256 characters", event({ type: "x".repeat(256) }), ["/type"]],
    ["a leading dot", event({ type: ".a" }), ["/type"]],
    ["a trailing dot", event({ type: "a." }), ["/type"]],
    ["a type that is a number", event({ type: 7 }), ["/type"]],
    ["a payload that is null", event({ payload: null }), ["/payload"]],
    ["a payload that is an array", event({ payload: [] }), ["/payload"]],
    ["a payload that is an object's text", event({ payload: '{"a":1}' }), ["/payload"]],
    ["a dedup_id of 256 characters", event({ dedup_id: "x".repeat(256) }), ["/dedup_id"]],
    ["a dedup_id with NUL", event({ dedup_id: "a\0" }), ["/dedup_id"]],
    ["a dedup_id with a lone surrogate", event({ dedup_id: "\ud800" }), ["/dedup_id"]],
    ["a dedup_id that is null", event({ dedup_id: null }), ["/dedup_id"]],
    ["a metadata key with NUL", event({ metadata: { "a\0": "x" } }), ["/metadata/a\0"]],
    ["an empty metadata key", event({ metadata: { "": "x" } }), ["/metadata/"]],
    ["a metadata value with NUL", event({ metadata: { a: "\0" } }), ["/metadata/a"]],
    ["nested metadata", event({ metadata: { a: { b: "c" } } }), ["/metadata/a"]],
    [
      "21 metadata pairs",
      event({ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, "v"])) }),
      ["/metadata"],
    ],
    ["a date without a time", event({ occurred_at: "2026-01-31" }), ["/occurred_at"]],
    ["a day that does not exist", event({ occurred_at: "2026-13-31T12:00:00Z" }), ["/occurred_at"]],
    ["a time that is a number", event({ occurred_at: 1_700_000_000 }), ["/occurred_at"]],
  ])("for %s says where", async (_what, body, pointers) => {
    const answer = await post(body);
    expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
    expect(pointersOf(answer)).toEqual(pointers);
  });

  test("for its size is a 413 that names the limit, with a length or in chunks", async () => {
    for (const answer of [await post(" ".repeat(262_145)), await postChunked(262_145)]) {
      expect([answer.status, answer.body.code, answer.body.limit_bytes]).toEqual([
        413,
        "payload_too_large",
        262_144,
      ]);
    }
  });

  test.each([
    ["text/plain", {}],
    ["application/x-www-form-urlencoded", {}],
    ["application/json; charset=latin1", {}],
    ["application/json", { "content-encoding": "gzip" }],
  ])("of content type %s %j is a 415", async (contentType, more) => {
    const answer = await post(JSON.stringify(event()), { "content-type": contentType, ...more });
    expect([answer.status, answer.body.code]).toEqual([415, "unsupported_media_type"]);
  });

  test.each(["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"'])(
    "is not one of content type %s",
    async (contentType) => {
      expect((await post(JSON.stringify(event()), { "content-type": contentType })).status).toBe(202);
    },
  );

  test.each([
    ["?on_duplicate=ignore", "invalid_request", "on_duplicate"],
    ["?on_duplicat=accept", "unknown_field", "on_duplicat"],
  ])("with the query %s is a 400", async (query, code, pointer) => {
    const answer = await post(event(), {}, `/api/events${query}`);
    expect([answer.status, answer.body.code, pointersOf(answer)]).toEqual([400, code, [pointer]]);
  });
});

describe("the order of refusals", () => {
  test("401 before 413 before 415 before 400 before 429 before 409", async () => {
    // From the 401 on, each request has its own fault and all that stand after it in the contract's table.
    const text = { "content-type": "text/plain" };
    const limited = await startTestGateway({ RATE_LIMIT_FREE: "7" });
    const { apiKey } = await limited.createClient("free");
    const send = async (body: string, headers: Record<string, string>, key = apiKey) =>
      (await callApi(limited.url, "POST", "/api/events", body, { "x-api-key": key, ...headers })).status;
    const seen = JSON.stringify(event({ dedup_id: "seen" }));
    const large = "{".repeat(262_145);
    const statuses = [await send(seen, {}), await send(seen, {})];
    // Refused requests cost a token each, as accepted ones do: after five more the limit is used up.
    for (let n = 0; n < 5; n++) statuses.push(await send("{}", {}));
    statuses.push(
      await send(large, text, "garbage"),
      await send(large, text),
      await send("{", text),
      await send("{", {}),
      await send(seen, {}),
    );
    await limited.stop();
    expect(statuses).toEqual([202, 409, 400, 400, 400, 400, 400, 401, 413, 415, 400, 429]);
  });
});
