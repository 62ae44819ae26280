import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiClient, callApi, eventually } from "@triggers/testing";
import { adminToken, type OperatorGateway, startOperatorGateway } from "./start-operator.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let operator: OperatorGateway;
let gateway: TestGateway;
let other: TestGateway;

beforeAll(async () => {
  operator = await startOperatorGateway();
  ({ gateway } = operator);
  other = await gateway.startAnother();
});
afterAll(() => operator.stop());

const pathOf = ({ organizationId }: ApiClient) => `/organizations/${organizationId}`;
const change = (client: ApiClient, body: unknown) => operator.asOperator("PATCH", pathOf(client), body);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const at = (url: string, client: ApiClient, method: string, path: string, body?: unknown) =>
  callApi(url, method, path, body, { "x-api-key": client.apiKey });
const event = { type: "a", payload: {} };

/** Both gateways know the key and its organization well. */
async function knownClient(tier?: string): Promise<ApiClient> {
  const client = await gateway.createClient(tier);
  for (const url of [gateway.url, other.url, gateway.url, other.url]) {
    expect((await at(url, client, "POST", "/api/events", event)).status).toBe(202);
    expect((await at(url, client, "GET", "/api/keys")).status).toBe(200);
  }
  return client;
}

/** Repeats the expectation for a second, no longer. */
async function withinASecond(expectation: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  await eventually(expectation, 3_000);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
}

describe("the operator's routes (contract, section 9)", () => {
  const id = "01890000-0000-7000-8000-000000000000";
  const routes: [string, string][] = [
    ["GET", "/organizations"],
    ["GET", `/organizations/${id}`],
    ["PATCH", `/organizations/${id}`],
    ["DELETE", `/organizations/${id}`],
    ["POST", `/organizations/${id}/keys`],
    ["GET", "/dead-letters"],
    ["POST", `/dead-letters/${id}/retry`],
    ["GET", "/audit-log"],
  ];

  test.each(routes)("%s /api/admin%s is the operator's alone", async (method, path) => {
    const client = await gateway.createClient();
    const strangers: object[] = [
      {},
      { "x-api-key": client.apiKey },
      { authorization: `Bearer ${client.apiKey}` },
    ];
    for (const headers of [
      ...strangers,
      { authorization: `Basic ${adminToken}` },
      { "x-api-key": adminToken },
    ]) {
      const answer = await callApi(gateway.url, method, `/api/admin${path}`, undefined, {
        ...headers,
      });
      expect([answer.status, answer.body.code]).toEqual([401, "admin_token_required"]);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
    expect((await operator.asOperator(method, path)).status).not.toBe(401);
  });

  test("answer 401 to everybody where no token is configured", async () => {
    const closed = await startTestGateway();
    for (const [method, path] of routes) {
      for (const authorization of ["Bearer undefined", "Bearer ", `Bearer ${adminToken}`])
        expect(
          (await callApi(closed.url, method, `/api/admin${path}`, undefined, { authorization })).status,
        ).toBe(401);
    }
    await closed.stop();
  });

  test.each(routes.filter(([, path]) => path.includes(id)))(
    "%s /api/admin%s of what is not there is a 404, and of no UUID a 400",
    async (method, path) => {
      const body = method === "PATCH" ? { tier: "pro" } : undefined;
      const missing = await operator.asOperator(method, path, body);
      expect([missing.status, missing.body.code]).toEqual([404, "not_found"]);
      const broken = await operator.asOperator(method, path.replace(id, "7"), body);
      expect([broken.status, broken.body.code]).toEqual([400, "invalid_request"]);
    },
  );
});

describe("an organization", () => {
  test("is shown with what holds for it", async () => {
    const client = await gateway.createClient("pro");
    const { status, body } = await operator.asOperator("GET", pathOf(client));
    expect(status).toBe(200);
    expect(body).toEqual({
      organization_id: client.organizationId,
      organization_name: "Acme",
      tier: "pro",
      rate_limit_per_minute: 1_000,
      rate_limit_override: null,
      suspended: false,
      suspended_at: null,
      erasing_since: null,
      created_at: time,
      updated_at: time,
    });
  });

  test("gets another tier and limit on both gateways within a second, and its tier's limit back", async () => {
    const client = await knownClient("free");
    const limits = async () => {
      const answers = [gateway.url, other.url].map((url) => at(url, client, "GET", "/api/keys"));
      return (await Promise.all(answers)).map(
        ({ body }) => [body.tier, body.rate_limit_per_minute] as unknown[],
      );
    };
    expect((await change(client, { tier: "pro", rate_limit_per_minute: 7 })).body).toMatchObject({
      tier: "pro",
      rate_limit_per_minute: 7,
      rate_limit_override: 7,
    });
    await withinASecond(async () => expect(await limits()).toEqual([1, 2].map(() => ["pro", 7])));
    const published = await at(other.url, client, "POST", "/api/events", event);
    expect(published.headers.get("x-ratelimit-limit")).toBe("7");
    expect((await change(client, { rate_limit_per_minute: null })).body).toMatchObject({
      tier: "pro",
      rate_limit_per_minute: 1_000,
      rate_limit_override: null,
    });
    await withinASecond(async () => expect(await limits()).toEqual([1, 2].map(() => ["pro", 1_000])));
  });

  test("that is suspended is refused with 403 on both gateways within a second, and goes on afterwards", async () => {
    const client = await knownClient();
    const codes = async () => {
      const answers = [gateway.url, other.url].flatMap((url) => [
        at(url, client, "POST", "/api/events", event),
        at(url, client, "GET", "/api/keys"),
      ]);
      return (await Promise.all(answers)).map(({ status, body }) => [status, body.code as unknown]);
    };
    const { body } = await change(client, { suspended: true });
    expect(body).toMatchObject({ suspended: true, suspended_at: time });
    const refused = [1, 2, 3, 4].map(() => [403, "organization_suspended"]);
    await withinASecond(async () => expect(await codes()).toEqual(refused));
    expect((await change(client, { suspended: true })).body.suspended_at).toBe(body.suspended_at);
    expect((await change(client, { suspended: false })).body).toMatchObject({
      suspended: false,
      suspended_at: null,
    });
    await withinASecond(async () =>
      expect((await codes()).map(([status]) => status)).toEqual([202, 200, 202, 200]),
    );
  });

  test("a new gateway, too, refuses a suspended organization and a key of it that it has not seen", async () => {
    const client = await gateway.createClient();
    await change(client, { suspended: true });
    const fresh = await gateway.startAnother();
    for (let n = 0; n < 2; n++) expect((await at(fresh.url, client, "GET", "/api/keys")).status).toBe(403);
  });

  test.each([
    [{}, ""],
    [{ tier: "gold" }, "/tier"],
    [{ rate_limit_per_minute: 0 }, "/rate_limit_per_minute"],
    [{ rate_limit_per_minute: 1.5 }, "/rate_limit_per_minute"],
    [{ rate_limit_per_minute: "7" }, "/rate_limit_per_minute"],
    [{ rate_limit_per_minute: 100_000_001 }, "/rate_limit_per_minute"],
    [{ suspended: "yes" }, "/suspended"],
    [{ suspend: true }, "/suspend"],
  ])("is not changed by %j", async (body, pointer) => {
    const client = await gateway.createClient();
    const answer = await change(client, body);
    expect([answer.status, answer.body.errors]).toEqual([400, [{ pointer, detail: expect.any(String) }]]);
  });

  test("whose last key is lost gets a new admin key, also while it is suspended", async () => {
    const client = await gateway.createClient();
    await change(client, { suspended: true });
    const answer = await operator.asOperator("POST", `${pathOf(client)}/keys`, { name: "recovery" });
    expect([answer.status, answer.body]).toEqual([
      201,
      {
        api_key: expect.stringMatching(/^trg_live_/),
        key_id: expect.any(String),
        organization_id: client.organizationId,
        name: "recovery",
        scopes: ["admin"],
        created_at: time,
        expires_at: null,
        message: expect.any(String),
      },
    ]);
    await change(client, { suspended: false });
    const found = await callApi(gateway.url, "GET", "/api/keys", undefined, {
      "x-api-key": answer.body.api_key as string,
    });
    expect([found.status, found.body.organization_id]).toEqual([200, client.organizationId]);
    const scoped = await operator.asOperator("POST", `${pathOf(client)}/keys`, { scopes: ["read"] });
    expect([scoped.status, scoped.body.code]).toEqual([400, "unknown_field"]);
  });
});
