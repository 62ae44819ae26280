import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { callApi } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const origin = "https://console.example";
const preflightOf = (from: string) => ({
  ...{ origin: from, "access-control-request-method": "POST" },
  "access-control-request-headers": "x-api-key,content-type",
});

let closed: TestGateway;
let open: TestGateway;

beforeAll(async () => {
  closed = await startTestGateway();
  open = await closed.startAnother({ CORS_ALLOWED_ORIGINS: origin });
});
afterAll(() => closed.stop());

const allowedOrigin = async (gateway: TestGateway, from: string) =>
  (await callApi(gateway.url, "GET", "/health", undefined, { origin: from })).headers.get(
    "access-control-allow-origin",
  );

test("no other origin is allowed unless it is named", async () => {
  expect(await allowedOrigin(closed, origin)).toBeNull();
  expect(await allowedOrigin(open, "https://elsewhere.example")).not.toBe("https://elsewhere.example");
  expect(await allowedOrigin(open, origin)).toBe(origin);
});

test("a preflight of an origin that is named needs no key, and scripts see the headers that matter", async () => {
  const preflight = await callApi(open.url, "OPTIONS", "/api/events", undefined, preflightOf(origin));
  expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, origin]);
  expect(preflight.headers.get("access-control-allow-headers")).toContain("x-api-key");
  const { headers } = await callApi(open.url, "GET", "/api/inbox", undefined, { origin });
  for (const name of ["X-Request-Id", "Retry-After", "X-RateLimit-Remaining", "Location"]) {
    expect(headers.get("access-control-expose-headers")).toContain(name);
  }
});
