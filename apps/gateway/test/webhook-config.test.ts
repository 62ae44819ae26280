import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database, findDefaultEndpoint } from "@triggers/db";
import { createSecretBox } from "@triggers/domain";
import { type ApiClient, callApi } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const path = "/api/webhook/config";
const url = "https://hooks.example.test/in";

let gateway: TestGateway;
let client: ApiClient;
let db: Database;

beforeAll(async () => {
  gateway = await startTestGateway();
  db = createDatabase({
    url: gateway.settings.DATABASE_URL ?? "",
    applicationName: "test",
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
});
afterAll(async () => {
  await db.destroy();
  await gateway.stop();
});
beforeEach(async () => {
  client = await gateway.createClient();
});

const save = (body: unknown) => client.request("POST", path, body);
const secretBox = createSecretBox([Buffer.alloc(32, 7)]);

describe("the webhook of an organization (contract, section 5)", () => {
  test("shows its signing secret when it is first saved, and never again", async () => {
    const first = await save({ webhook_url: url });
    expect(first.status).toBe(200);
    expect(first.body).toEqual({
      organization_id: client.organizationId,
      endpoint_id: expect.any(String),
      webhook_url: url,
      signing_secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/),
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: expect.any(String),
      success: true,
    });
    const { signing_secret: secret, endpoint_id: id } = first.body as Record<string, string>;
    const again = await save({ webhook_url: `${url}/2` });
    expect([again.status, again.body.endpoint_id, again.body.webhook_url]).toEqual([200, id, `${url}/2`]);
    const shown = await client.request("GET", path);
    expect(shown.body).toMatchObject({
      endpoint_id: id,
      webhook_url: `${url}/2`,
      enabled: true,
      timeout_ms: 15_000,
    });
    const keys = await client.request("GET", "/api/keys");
    expect(keys.body.webhook_url).toBe(`${url}/2`);
    for (const { text } of [again, shown, keys]) expect(text).not.toContain("whsec_");
    expect(gateway.logText()).not.toContain(secret?.slice("whsec_".length));
  });

  test("keeps the secret and the custom headers encrypted, bound to the endpoint", async () => {
    const headers = { authorization: "Bearer receiver-token" };
    const { body } = await save({ webhook_url: url, headers });
    const stored = await findDefaultEndpoint(db, client.organizationId);
    if (!stored?.sealed_headers) throw new Error("nothing is stored");
    const { sealed_secret, sealed_headers, id } = stored;
    expect(secretBox.open(sealed_secret, id)).toBe(body.signing_secret);
    expect(JSON.parse(secretBox.open(sealed_headers, id))).toEqual(headers);
    expect(() => secretBox.open(sealed_secret, "another")).toThrow();
    expect(sealed_headers.toString("latin1")).not.toContain("receiver-token");
    expect((await client.request("GET", path)).text).not.toContain("receiver-token");
    expect(gateway.logText()).not.toContain("receiver-token");
  });

  test("saved by many at once for the first time is one endpoint, and one answer has the secret", async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => save({ webhook_url: url })));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ body }) => body.endpoint_id as string)).size).toBe(1);
    expect(answers.filter(({ text }) => text.includes("whsec_"))).toHaveLength(1);
  });

  test("takes the names that older clients send", async () => {
    const { status, body } = await save({ url, auth_headers: { "x-token": "t" } });
    expect([status, body.webhook_url]).toEqual([200, url]);
  });

  test("keeps its event types and its timeout", async () => {
    await save({ webhook_url: url, event_types: ["user.*", "order.created", "*"], timeout_ms: 1_000 });
    const { body } = await client.request("GET", path);
    expect(body).toMatchObject({ event_types: ["user.*", "order.created", "*"], timeout_ms: 1_000 });
  });

  test("is gone after DELETE, and is a new one with a new secret after that", async () => {
    expect((await client.request("GET", path)).status).toBe(404);
    expect((await client.request("DELETE", path)).status).toBe(404);
    const first = await save({ webhook_url: url });
    const deleted = await client.request("DELETE", path);
    expect([deleted.status, deleted.text]).toEqual([204, ""]);
    expect((await client.request("GET", path)).status).toBe(404);
    const second = await save({ webhook_url: url });
    expect(second.body.endpoint_id).not.toBe(first.body.endpoint_id);
    expect(second.body.signing_secret).toMatch(/^whsec_/);
    expect(second.body.signing_secret).not.toBe(first.body.signing_secret);
  });

  test("belongs to one organization only", async () => {
    await save({ webhook_url: url });
    const stranger = await gateway.createClient();
    expect((await stranger.request("GET", path)).status).toBe(404);
    expect((await stranger.request("DELETE", path)).status).toBe(404);
    expect((await client.request("GET", path)).status).toBe(200);
  });
});

describe("a webhook URL", () => {
  test.each([
    "not a url",
    "/relative",
    "//host/path",
    "ftp://example.test/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://user:secret-word@example.test/",
    "https://user@example.test/",
    "http://127.0.0.1/",
    "http://localhost/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://0.0.0.0/",
    "http://0x7f000001/",
    "http://2130706433/",
    "http://127.1/",
    "http://[::1]/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[::ffff:10.0.0.1]/",
  ])("%s is refused when it is saved, and nothing is saved", async (webhook_url) => {
    const { status, body, text } = await save({ webhook_url });
    expect([status, body.code]).toEqual([400, "webhook_url_refused"]);
    expect(body.errors).toEqual([{ pointer: "/webhook_url", detail: expect.any(String) }]);
    expect(text).not.toContain("secret-word");
    expect((await client.request("GET", path)).status).toBe(404);
  });

  test.each([
    "http://93.184.216.34:8080/x?y=z",
    "https://no-such-name.invalid/",
    "https://[2606:4700::1111]/",
  ])("%s is accepted", async (webhook_url) => {
    expect((await save({ webhook_url })).status).toBe(200);
  });

  test("may be a private address that the operator allows, and plain http may be forbidden", async () => {
    const strict = await gateway.startAnother({
      WEBHOOK_ALLOWED_CIDRS: "10.1.0.0/16",
      WEBHOOK_HTTPS_ONLY: "true",
    });
    const saveThere = async (webhook_url: string) =>
      (await callApi(strict.url, "POST", path, { webhook_url }, { "x-api-key": client.apiKey })).status;
    expect(await saveThere("https://10.1.2.3/")).toBe(200);
    expect(await saveThere("https://10.2.2.3/")).toBe(400);
    expect(await saveThere("http://10.1.2.3/")).toBe(400);
  });
});

describe("a webhook's other fields", () => {
  test.each([
    [{}, "/webhook_url"],
    [{ webhook_url: url, url }, "/url"],
    [{ webhook_url: 7 }, "/webhook_url"],
    [{ webhook_url: `https://example.test/${"x".repeat(2_048)}` }, "/webhook_url"],
    [{ webhook_url: url, timeout_ms: 999 }, "/timeout_ms"],
    [{ webhook_url: url, timeout_ms: 30_001 }, "/timeout_ms"],
    [{ webhook_url: url, timeout_ms: "5000" }, "/timeout_ms"],
    [{ webhook_url: url, timeout_ms: 1_500.5 }, "/timeout_ms"],
    [{ webhook_url: url, event_types: [] }, "/event_types"],
    [{ webhook_url: url, event_types: ["a", "us*er"] }, "/event_types/1"],
    [{ webhook_url: url, headers: {}, auth_headers: {} }, "/auth_headers"],
    [{ webhook_url: url, headers: { host: "evil" } }, "/headers"],
    [{ webhook_url: url, headers: { "Webhook-Signature": "forged" } }, "/headers"],
    [{ webhook_url: url, headers: { "content-length": "1" } }, "/headers"],
    [{ webhook_url: url, headers: { connection: "close" } }, "/headers"],
    [{ webhook_url: url, headers: { a: "b\r\nc: d" } }, "/headers"],
    [{ webhook_url: url, headers: { "a b": "c" } }, "/headers"],
    [{ webhook_url: url, headers: { a: 7 } }, "/headers/a"],
    [{ webhook_url: url, colour: "red" }, "/colour"],
  ])("%j is refused at %s", async (body, pointer) => {
    const answer = await save(body);
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
    expect(answer.text).not.toMatch(/evil|forged/);
  });

  test("an unknown one is a 400 here, with a guess", async () => {
    const { body } = await save({ webhook_url: url, event_type: ["a"] });
    expect([body.code, body.errors[0].detail]).toEqual([
      "unknown_field",
      'is not known here; did you mean "event_types"?',
    ]);
  });
});
