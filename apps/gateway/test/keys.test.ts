import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDatabase, insertApiKey } from "@triggers/db";
import { createApiKey, type Scope } from "@triggers/domain";
import { type ApiClient, callApi } from "@triggers/testing";
import bcrypt from "bcrypt";
import { Redis } from "ioredis";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.createClient("pro");
});
afterAll(() => gateway.stop());

const generate = (body: unknown, headers?: Record<string, string>, url = gateway.url) =>
  callApi(url, "POST", "/api/keys/generate", body, headers);
const withKey = (headers: Record<string, string>) =>
  callApi(gateway.url, "GET", "/api/keys", undefined, headers);

describe("generating a key (contract, section 1)", () => {
  test.each([
    ["free", 100],
    ["pro", 1_000],
    ["business", 10_000],
    ["enterprise", 100_000],
  ])("an organization of tier %s may send %i events a minute", async (tier, limit) => {
    const { status, body } = await generate({ organization_name: "Acme", tier });
    expect(status).toBe(201);
    expect(body).toEqual({
      api_key: expect.stringMatching(/^trg_live_[0-9A-Za-z]+_[0-9A-Za-z]{43,}$/),
      key_id: expect.any(String),
      organization_id: expect.any(String),
      organization_name: "Acme",
      tier,
      rate_limit_per_minute: limit,
      scopes: ["admin"],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: expect.any(String),
    });
    expect((body as { api_key: string; key_id: string }).api_key).toContain(
      `_${(body as { key_id: string }).key_id}_`,
    );
  });

  test("the tier is free where none is named, and the old name of the field still works", async () => {
    const { status, body } = await generate({ org_name: "Old client" });
    expect(status).toBe(201);
    expect(body).toMatchObject({ organization_name: "Old client", tier: "free" });
  });

  test.each([
    [{}, "invalid_request", "/organization_name"],
    [{ organization_name: "" }, "invalid_request", "/organization_name"],
    [{ organization_name: "x".repeat(256) }, "invalid_request", "/organization_name"],
    [{ organization_name: "a\0b" }, "invalid_request", "/organization_name"],
    [{ organization_name: 7 }, "invalid_request", "/organization_name"],
    [{ organization_name: "Acme", tier: "gold" }, "invalid_request", "/tier"],
    [{ organization_name: "Acme", teir: "pro" }, "unknown_field", "/teir"],
  ])("refuses %j with %s and points at the field", async (body, code, pointer) => {
    const answer = await generate(body);
    expect([answer.status, answer.body.code]).toEqual([400, code]);
    expect(answer.body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
  });

  test("an unknown field comes with a guess at what was meant", async () => {
    const { body } = await generate({ organization_name: "Acme", teir: "pro" });
    expect(body.errors[0].detail).toContain('did you mean "tier"?');
  });

  test("needs the operator's token unless signup is open", async () => {
    const closed = await gateway.startAnother({ SIGNUP: "admin", ADMIN_TOKEN: "a-token-of-the-operator" });
    for (const headers of [{}, { authorization: "Bearer wrong" }]) {
      const answer = await generate({ organization_name: "Acme" }, headers, closed.url);
      expect([answer.status, answer.body.code]).toEqual([401, "admin_token_required"]);
      expect(answer.headers.get("www-authenticate")).toContain("Bearer");
    }
    const authorization = "Bearer a-token-of-the-operator";
    const answer = await generate({ organization_name: "Acme" }, { authorization }, closed.url);
    expect(answer.status).toBe(201);
  });

  test("without a configured token nobody can sign up where signup is not open", async () => {
    const closed = await gateway.startAnother({ SIGNUP: "admin" });
    const answer = await generate({ organization_name: "Acme" }, { authorization: "Bearer x" }, closed.url);
    expect(answer.status).toBe(401);
  });

  test("one address may sign up only so often, also over several gateways", async () => {
    const limited = { SIGNUP_LIMIT_PER_MINUTE: "3" };
    const one = await startTestGateway(limited);
    const other = await one.startAnother();
    const urls = [one.url, other.url, one.url, other.url, one.url];
    const answers = await Promise.all(urls.map((url) => generate({ organization_name: "A" }, {}, url)));
    await one.stop();
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body.code).toBe("signup_limit_exceeded");
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });
});

test("signups are counted by the client's address, which only a trusted proxy may name", async () => {
  const limited = { SIGNUP_LIMIT_PER_MINUTE: "1" };
  const [direct, proxied] = [
    await startTestGateway(limited),
    await startTestGateway({ ...limited, TRUST_PROXY: "1" }),
  ];
  const statuses = async (url: string) => {
    const found: number[] = [];
    for (const address of ["203.0.113.1", "203.0.113.2", "203.0.113.1"]) {
      const { status } = await generate({ organization_name: "A" }, { "x-forwarded-for": address }, url);
      found.push(status);
    }
    return found;
  };
  expect(await statuses(direct.url)).toEqual([201, 429, 429]);
  expect(await statuses(proxied.url)).toEqual([201, 201, 429]);
  await direct.stop();
  await proxied.stop();
});

describe("authentication", () => {
  test("takes the key from either header, and from both when they agree", async () => {
    const { apiKey } = client;
    const authorization = `Bearer ${apiKey}`;
    for (const headers of [
      { "x-api-key": apiKey },
      { authorization },
      { "x-api-key": apiKey, authorization },
    ])
      expect((await withKey(headers as Record<string, string>)).status).toBe(200);
  });

  test("refuses two different keys rather than ignore one", async () => {
    const other = await gateway.createClient();
    const answer = await withKey({ "x-api-key": client.apiKey, authorization: `Bearer ${other.apiKey}` });
    expect([answer.status, answer.body.code]).toEqual([400, "conflicting_api_keys"]);
  });

  test("no key is a 401 that says how to send one", async () => {
    const answer = await withKey({});
    expect([answer.status, answer.body.code]).toEqual([401, "missing_api_key"]);
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  test("garbage, an unknown id and a wrong secret get the same answer", async () => {
    const wrongSecret = await insertKey(["read"], "another secret");
    const keys = ["garbage", createApiKey().apiKey, wrongSecret, wrongSecret];
    const answers = await Promise.all(keys.map((key) => withKey({ "x-api-key": key })));
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
      expect({ ...answer.body, request_id: "" }).toEqual({ ...answers[0]?.body, request_id: "" });
    }
  });

  test("a key without the scope is refused with 403, by name of the scope", async () => {
    const readOnly = await insertKey(["read"], "its secret");
    expect((await withKey({ "x-api-key": readOnly })).status).toBe(200);
    const answer = await callApi(gateway.url, "POST", "/api/events", {}, { "x-api-key": readOnly });
    expect([answer.status, answer.body.code]).toEqual([403, "missing_scope"]);
    expect(answer.body.detail).toContain("publish");
  });
});

describe("what a key leaves behind", () => {
  test("GET /api/keys shows the organization and its keys, never a secret", async () => {
    const { status, body, text } = await withKey({ "x-api-key": client.apiKey });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      organization_id: client.organizationId,
      organization_name: "Acme",
      tier: "pro",
      rate_limit_per_minute: 1_000,
      webhook_url: null,
    });
    const own = (body.keys as { key_id: string }[]).find(({ key_id }) => client.apiKey.includes(key_id));
    expect(Object.keys(own ?? {})).toEqual([
      "key_id",
      "name",
      "scopes",
      "created_at",
      "last_used_at",
      "expires_at",
    ]);
    expect(text).not.toContain(client.apiKey.split("_")[3]);
    expect(text).not.toMatch(/hash|\$2b\$/);
  });

  test("no secret ever reaches Redis or the log", async () => {
    const redis = new Redis(gateway.settings.REDIS_URL ?? "");
    const monitor = await redis.monitor();
    const seen: string[] = [];
    monitor.on("monitor", (_time: string, args: string[]) => seen.push(args.join(" ")));
    const sender = await gateway.createClient();
    const published = await sender.request("POST", "/api/events", { type: "a", payload: {} });
    const rotated = await sender.request("POST", "/api/keys/rotate", { overlap_seconds: 60 });
    await redis.ping();
    monitor.disconnect();
    redis.disconnect();
    expect([published.status, rotated.status]).toEqual([202, 200]);
    expect(seen.join("\n")).toContain(published.body.id);
    for (const key of [sender.apiKey, rotated.body.api_key as string]) {
      const secret = String(key.split("_")[3]);
      expect(seen.join("\n")).not.toContain(secret);
      expect(gateway.logText()).not.toContain(secret);
    }
  });
});

/** A key of the client's organization, known by the hash of its own secret or of another one. */
async function insertKey(scopes: Scope[], hashed: "its secret" | "another secret"): Promise<string> {
  const { apiKey, keyId, secret } = createApiKey();
  const db = createDatabase({
    url: gateway.settings.DATABASE_URL ?? "",
    applicationName: "test",
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
  const secretHash = await bcrypt.hash(hashed === "its secret" ? secret : createApiKey().secret, 4);
  await insertApiKey(db, client.organizationId, { keyId, secretHash, scopes, name: "test" });
  await db.destroy();
  return apiKey;
}
