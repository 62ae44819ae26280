import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { operationsOf, readDocument } from "./openapi-document.ts";
import { adminToken } from "./start-operator.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";
import { callApi } from "@triggers/testing";

const id = "01890000-0000-7000-8000-000000000000";

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ ADMIN_TOKEN: adminToken });
});
afterAll(() => gateway.stop());

test("every route that is not public refuses a query field that it does not know, before it does anything", async () => {
  const client = await gateway.createClient();
  const operations = operationsOf(await readDocument(gateway.url));
  const accepting: string[] = [];
  for (const { method, path, isKeyed, isOperators, hasBody } of operations) {
    const isSignup = path === "/api/keys/generate";
    if (!isKeyed && !isOperators && !isSignup) continue;
    const headers: Record<string, string> = isKeyed
      ? { "x-api-key": client.apiKey }
      : { authorization: `Bearer ${adminToken}` };
    const filled = path.replace("{organization_id}", client.organizationId).replace(/\{\w+\}/g, id);
    const body =
      path === "/api/events" ? { type: "a", payload: {} } : { events: [{ type: "a", payload: {} }] };
    const answer = await callApi(
      gateway.url,
      method,
      `${filled}?colour=red`,
      hasBody ? body : undefined,
      headers,
    );
    const pointers = ((answer.body?.errors ?? []) as { pointer: string }[]).map(({ pointer }) => pointer);
    if (answer.status !== 400 || !pointers.includes("colour"))
      accepting.push(`${method} ${path} ${answer.status}`);
  }
  expect(accepting).toEqual([]);
  // The organization was neither erased nor its key rotated.
  expect((await client.request("GET", "/api/keys")).body.keys).toHaveLength(1);
});

test("what is public takes what browsers, load balancers and scrapers add", async () => {
  for (const path of ["/", "/health", "/health/ready", "/api/health", "/metrics", "/docs", "/openapi.json"]) {
    expect([path, (await callApi(gateway.url, "GET", `${path}?_=1`)).status]).toEqual([path, 200]);
  }
});

test("key, scope and size are refused before the query", async () => {
  const client = await gateway.createClient();
  const weak = await client.request("POST", "/api/keys", { scopes: ["publish"] });
  const asWeak = { "x-api-key": weak.body.api_key as string };
  const answers = [
    await callApi(gateway.url, "GET", "/api/keys?colour=red"),
    await callApi(gateway.url, "GET", "/api/keys?colour=red", undefined, asWeak),
    await client.request("POST", "/api/keys?colour=red", "x".repeat(16_385)),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 403, 413]);
});
