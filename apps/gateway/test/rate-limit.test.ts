import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiAnswer, type ApiClient, callApi, eventually } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let other: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ RATE_LIMIT_FREE: "20", RATE_LIMIT_PRO: "3" });
  other = await gateway.startAnother();
});
afterAll(() => gateway.stop());

const event = { type: "a", payload: {} };
const publish = (url: string, { apiKey }: ApiClient) =>
  callApi(url, "POST", "/api/events", event, { "x-api-key": apiKey });
const count = (answers: ApiAnswer[], status: number) => answers.filter((a) => a.status === status).length;

function expectHeaders({ headers }: ApiAnswer, budget: "publish" | "api", limit: number, remaining: number) {
  const reset = Number(headers.get("x-ratelimit-reset")) - Date.now() / 1_000;
  expect(reset).toBeGreaterThan(0);
  expect(reset).toBeLessThanOrEqual(61);
  expect(headers.get("x-ratelimit-limit")).toBe(String(limit));
  expect(headers.get("x-ratelimit-remaining")).toBe(String(remaining));
  expect(headers.get("ratelimit-policy")).toBe(`"${budget}";q=${limit};w=60`);
  const [, left, seconds] = /^"\w+";r=(\d+);t=(\d+)$/.exec(headers.get("ratelimit") ?? "") ?? [];
  expect(Number(left)).toBe(remaining);
  expect(Math.abs(Number(seconds) - reset)).toBeLessThanOrEqual(2);
}

describe("the publish limit (contract, section 7)", () => {
  test("lets exactly its number through, however many come at once and over however many gateways", async () => {
    const client = await gateway.createClient("free");
    const urls = [gateway.url, other.url];
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, n) => publish(urls[n % 2] ?? "", client)),
    );
    expect([count(answers, 202), count(answers, 429)]).toEqual([20, 60]);
  });

  test("that is used up is a 429 that says when to come back", async () => {
    const client = await gateway.createClient("pro");
    for (let n = 0; n < 3; n++) await client.publish(event);
    const answer = await client.publish(event);
    expect([answer.status, answer.body.code, answer.body.retryable]).toEqual([
      429,
      "rate_limit_exceeded",
      true,
    ]);
    const retryAfter = answer.headers.get("retry-after") ?? "";
    expect(retryAfter).toMatch(/^\d+$/);
    expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
    expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    expectHeaders(answer, "publish", 3, 0);
  });

  test("is each organization's own", async () => {
    const [spent, fresh] = [await gateway.createClient("pro"), await gateway.createClient("pro")];
    for (let n = 0; n < 4; n++) await spent.publish(event);
    expect((await fresh.publish(event)).status).toBe(202);
  });

  test("recovers by itself when its window ends", async () => {
    const quick = await startTestGateway({ RATE_LIMIT_FREE: "2", RATE_LIMIT_WINDOW_MS: "700" });
    const client = await quick.createClient("free");
    for (let n = 0; n < 3; n++) await client.publish(event);
    const first = await client.publish(event);
    const later = await eventually(async () => {
      const answer = await client.publish(event);
      expect(answer.status).toBe(202);
      return answer;
    }, 3_000);
    await quick.stop();
    expect(first.status).toBe(429);
    expect(later.headers.get("x-ratelimit-remaining")).toBe("1");
  });

  test("costs a token for a refused request too", async () => {
    const client = await gateway.createClient("pro");
    const refused = [{}, { ...event, payload: [] }, { type: ".", payload: {} }];
    const statuses = [];
    for (const body of [...refused, event]) statuses.push((await client.publish(body)).status);
    expect(statuses).toEqual([400, 400, 400, 429]);
  });
});

describe("both families of headers", () => {
  test("stand on every answer of the publish route", async () => {
    const client = await gateway.createClient("free");
    const send = (body: unknown, headers?: Record<string, string>) =>
      client.request("POST", "/api/events", body, headers);
    const known = { ...event, dedup_id: "d" };
    const answers = [
      await send(known),
      await send(known),
      await send({}),
      await send("{"),
      await send("x", { "content-type": "text/plain" }),
      await send(" ".repeat(262_145)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 409, 400, 400, 415, 413]);
    answers.forEach((answer, n) => expectHeaders(answer, "publish", 20, 19 - n));
  });

  test("stand on every answer of the other keyed routes, for a budget of ten times that", async () => {
    const client = await gateway.createClient("free");
    const answers = [
      await client.request("GET", "/api/inbox"),
      await client.request("GET", "/api/inbox?limit=0"),
      await client.request("GET", "/api/events/7"),
      await client.request("GET", "/api/webhook/config"),
      await client.request("POST", "/api/inbox/ack", {}),
      await client.request("GET", "/api/keys"),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 400, 404, 400, 200]);
    answers.forEach((answer, n) => expectHeaders(answer, "api", 200, 199 - n));
  });

  test("the other routes are refused beyond their budget, which publishing neither uses nor shares", async () => {
    const client = await gateway.createClient("pro");
    for (let n = 0; n < 4; n++) await client.publish(event);
    const reads = Array.from({ length: 40 }, () => client.request("GET", "/api/keys"));
    const answers = await Promise.all(reads);
    expect([count(answers, 200), count(answers, 429)]).toEqual([30, 10]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body.code).toBe("rate_limit_exceeded");
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });

  test("are missing where nothing is limited", async () => {
    for (const path of ["/health", "/", "/health/ready"]) {
      const { headers } = await callApi(gateway.url, "GET", path);
      expect([headers.get("x-ratelimit-limit"), headers.get("ratelimit")]).toEqual([null, null]);
    }
  });
});
