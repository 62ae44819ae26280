import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiAnswer, type ApiClient, callApi } from "@triggers/testing";
import { problems } from "../src/http/problem-table.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway({ RATE_LIMIT_PRO: "1" });
  client = await gateway.createClient();
});
afterAll(() => gateway.stop());

const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  callApi(gateway.url, method, path, body, headers);
const unknownId = "01890000-0000-7000-8000-000000000000";

function expectProblem(answer: ApiAnswer, code: keyof typeof problems, instance: string) {
  const { status, title, retryable } = problems[code];
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    type: `/docs/errors/${code}`,
    ...{ code, title, status, retryable, instance },
    request_id: answer.headers.get("x-request-id"),
  });
  expect(answer.body.detail).toMatch(/\w/);
  expect(answer.body.error).toBe(answer.body.detail);
}

describe("a problem document (contract, section 8)", () => {
  test.each<[keyof typeof problems, string, string, unknown]>([
    ["invalid_request", "POST", "/api/events", {}],
    ["malformed_json", "POST", "/api/events", "{"],
    ["unsupported_media_type", "POST", "/api/webhook/config", ""],
    ["payload_too_large", "POST", "/api/events", " ".repeat(262_145)],
    ["unknown_field", "GET", "/api/inbox?colour=red", undefined],
    ["not_found", "GET", `/api/events/${unknownId}`, undefined],
    ["not_found", "GET", "/nowhere", undefined],
    ["method_not_allowed", "PUT", "/api/events", undefined],
    ["webhook_url_refused", "POST", "/api/webhook/config", { webhook_url: "http://10.0.0.1" }],
    ["invalid_request", "POST", "/api/inbox/ack/7", undefined],
    ["invalid_request", "GET", "/api/events/%E0%A4%A", undefined],
  ])("of %s has every member (%s %s)", async (code, method, path, body) => {
    const answer =
      code === "unsupported_media_type"
        ? await client.request(method, path, "x", { "content-type": "text/plain" })
        : await client.request(method, path, body);
    expectProblem(answer, code, String(path.split("?")[0]));
  });

  test("of a missing key, a wrong one and two different ones", async () => {
    const path = "/api/keys";
    expectProblem(await call("GET", path), "missing_api_key", path);
    expectProblem(await call("GET", path, undefined, { "x-api-key": "x" }), "invalid_api_key", path);
    const two = { "x-api-key": "x", authorization: "Bearer y" };
    expectProblem(await call("GET", path, undefined, two), "conflicting_api_keys", path);
  });

  test("of a duplicate and of a limit that is used up", async () => {
    const event = { type: "a", payload: {}, dedup_id: "d" };
    await client.publish(event);
    expectProblem(await client.publish(event), "duplicate_event", "/api/events");
    const limited = await gateway.createClient("pro");
    await limited.publish(event);
    expectProblem(await limited.publish(event), "rate_limit_exceeded", "/api/events");
  });

  test("of a queue that holds too many events", async () => {
    const full = await gateway.startAnother({ MAX_QUEUE_DEPTH: "1" });
    const event = { type: "a", payload: {} };
    for (let n = 0; n < 3; n++) await client.publish(event);
    const send = () => callApi(full.url, "POST", "/api/events", event, { "x-api-key": client.apiKey });
    // The first request takes the sample that the next ones go by.
    await send();
    const answer = await send();
    expectProblem(answer, "queue_full", "/api/events");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });
});

describe("a method or a path that is not known", () => {
  test.each([
    ["GET", "/api/inbox/ack", "POST, OPTIONS"],
    ["DELETE", "/api/inbox", "GET, HEAD, OPTIONS"],
    ["PATCH", "/api/webhook/config", "POST, GET, HEAD, DELETE, OPTIONS"],
    ["POST", "/health", "GET, HEAD, OPTIONS"],
  ])("%s %s is a 405 that names the methods that are", async (method, path, allow) => {
    const answer = await call(method, path);
    expectProblem(answer, "method_not_allowed", path);
    expect(answer.headers.get("allow")).toBe(allow);
  });

  test("OPTIONS names them too, without a key", async () => {
    const answer = await call("OPTIONS", "/api/webhook/config");
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(answer.headers.get("allow")).toBe("POST, GET, HEAD, DELETE, OPTIONS");
  });

  test("HEAD answers as GET does, without the body", async () => {
    const [head, get] = [await call("HEAD", "/health/live"), await call("GET", "/health/live")];
    expect([head.status, head.text]).toEqual([200, ""]);
    expect(head.headers.get("content-length")).toBe(get.headers.get("content-length"));
    const refused = await call("HEAD", "/api/inbox");
    expect([refused.status, refused.text]).toEqual([401, ""]);
  });
});

describe("every answer", () => {
  test.each(["req-1", "a.B_c:d/e-9", "x".repeat(128)])("keeps the sane request id %s", async (id) => {
    for (const path of ["/health", "/nowhere", "/api/inbox"]) {
      const answer = await call("GET", path, undefined, { "x-request-id": id });
      expect(answer.headers.get("x-request-id")).toBe(id);
    }
  });

  test.each(["with space", "a\tb", "<script>", "x".repeat(129), '"', ""])(
    "replaces the request id %j by one of its own",
    async (id) => {
      const { headers } = await call("GET", "/health", undefined, { "x-request-id": id });
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    },
  );

  test("says how long it took", async () => {
    for (const path of ["/health", "/nowhere", "/api/inbox"]) {
      expect((await call("GET", path)).headers.get("x-response-time")).toMatch(/^\d+\.\d\dms$/);
    }
  });

  test("comes without X-Powered-By", async () => {
    expect((await call("GET", "/health")).headers.get("x-powered-by")).toBeNull();
  });

  test("a client that hangs up in the middle of its body harms nobody and is no error of ours", async () => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    const head = ["POST /api/events HTTP/1.1", "host: x", `x-api-key: ${client.apiKey}`, "content-length: 9"];
    socket.end(`${head.join("\r\n")}\r\n\r\n{`);
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 4\d\d|$)/);
    expect((await call("GET", "/health")).status).toBe(200);
    expect(gateway.logText()).not.toContain('"level":"error"');
  });
});
