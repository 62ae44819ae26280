import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database, findEndpoint } from "@triggers/db";
import { createSecretBox } from "@triggers/domain";
import { type ApiClient, callApi } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const path = "/api/endpoints";
const url = "https://hooks.example.test/in";
const unknownId = "01890000-0000-7000-8000-000000000000";

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

const create = (body: object = {}) => client.request("POST", path, { url, ...body });
const created = async (body: object = {}): Promise<Record<string, string>> => {
  const answer = await create(body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body as Record<string, string>;
};
const auditOf = (target: string) =>
  db
    .selectFrom("audit_log")
    .select(["actor", "action", "detail"])
    .where("target", "=", target)
    .orderBy("id")
    .execute();

const full = {
  name: "orders",
  description: "of the shop",
  subscriber: "shop-7",
  metadata: { team: "payments" },
  event_types: ["order.*", "user.created"],
  timeout_ms: 30_000,
  rate_limit_per_second: 30,
  max_in_flight: 3,
  retry_schedule: [0, 5, 300],
  format: "cloudevents",
};
const defaults = {
  ...{ name: null, description: null, subscriber: null, metadata: null, event_types: null },
  ...{ timeout_ms: 15_000, rate_limit_per_second: null, max_in_flight: 10, retry_schedule: null },
  ...{ format: "standard", header_names: [] },
};

describe("endpoints (contract, section 5)", () => {
  test("are created with every field, and show the secret then and never the values of headers", async () => {
    const answer = await create({ ...full, headers: { Authorization: "Bearer of-the-receiver" } });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      ...{ id: expect.any(String), url, ...full, header_names: ["Authorization"] },
      ...{ enabled: true, disabled_reason: null, disabled_at: null, failing_since: null },
      ...{ created_at: expect.any(String), updated_at: expect.any(String) },
      signing_secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
    const { id, signing_secret: secret } = answer.body as Record<string, string>;
    expect(answer.headers.get("location")).toBe(`${path}/${id}`);
    const shown = await client.request("GET", `${path}/${id}`);
    expect(shown.body).toEqual({ ...answer.body, signing_secret: undefined });
    const list = await client.request("GET", path);
    for (const { text } of [shown, list]) {
      expect(text).not.toContain("whsec_");
      expect(text).not.toContain("of-the-receiver");
    }
    const stored = await findEndpoint(db, client.organizationId, id ?? "");
    const box = createSecretBox([Buffer.alloc(32, 7)]);
    expect(box.open(stored?.sealed_secret ?? Buffer.of(), id ?? "")).toBe(secret);
    expect(gateway.logText()).not.toContain(secret?.slice("whsec_".length));
    expect(gateway.logText()).not.toContain("of-the-receiver");
  });

  test("have defaults, and PATCH changes what it names and clears what is null", async () => {
    const { id } = await created();
    expect((await client.request("GET", `${path}/${id}`)).body).toMatchObject(defaults);
    const changed = await client.request("PATCH", `${path}/${id}`, { ...full, headers: { "x-a": "1" } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ ...full, url, header_names: ["x-a"] });
    const partly = await client.request("PATCH", `${path}/${id}`, { name: "other" });
    expect(partly.body).toMatchObject({ ...full, name: "other", header_names: ["x-a"] });
    const nulls = Object.fromEntries([...Object.keys(full), "headers"].map((name) => [name, null]));
    expect((await client.request("PATCH", `${path}/${id}`, nulls)).body).toMatchObject(defaults);
    const moved = await client.request("PATCH", `${path}/${id}`, { url: "https://hooks.example.test/new" });
    expect(moved.body.url).toBe("https://hooks.example.test/new");
  });

  test.each<[string, object]>([
    ["/url", { url: undefined }],
    ["/url", { url: null }],
    ["/url", { url: "ftp://hooks.example.test" }],
    ["/url", { url: "http://127.0.0.1/" }],
    ["/url", { url: "http://user:pass@hooks.example.test" }],
    ["/name", { name: "" }],
    ["/timeout_ms", { timeout_ms: 999 }],
    ["/timeout_ms", { timeout_ms: 30_001 }],
    ["/timeout_ms", { timeout_ms: "15000" }],
    ["/rate_limit_per_second", { rate_limit_per_second: 0 }],
    ["/max_in_flight", { max_in_flight: 0 }],
    ["/max_in_flight", { max_in_flight: 1_001 }],
    ["/retry_schedule", { retry_schedule: [0, 0] }],
    ["/retry_schedule", { retry_schedule: Array.from({ length: 21 }, () => 1) }],
    // The first attempt, which is made at once, is the 21st.
    ["/retry_schedule", { retry_schedule: Array.from({ length: 20 }, () => 1) }],
    ["/retry_schedule", { retry_schedule: [86_400, 86_400, 86_400, 86_400, 86_400, 1] }],
    ["/retry_schedule/0", { retry_schedule: [86_401] }],
    ["/retry_schedule/0", { retry_schedule: [-1] }],
    ["/retry_schedule/0", { retry_schedule: [1.5] }],
    ["/event_types/0", { event_types: ["user.*.created"] }],
    ["/event_types", { event_types: [] }],
    ["/format", { format: "xml" }],
    ["/enabled", { enabled: "true" }],
    ["/metadata/a", { metadata: { a: 1 } }],
    ["/signing_secret", { signing_secret: "whsec_c2hvcnQ=" }],
    ["/headers", { headers: { "Webhook-Signature": "v1,x" } }],
    ["/headers", { headers: { "x-a": "1\r\nx-b: 2" } }],
    ["/rate_limit", { rate_limit: 1 }],
  ])("with a broken %s are refused: %j", async (pointer, body) => {
    const answer = await create(body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, pointer]);
    expect((await client.request("GET", path)).body.endpoints).toEqual([]);
  });

  test.each([
    ["webhook-id", "Webhook-Timestamp", "WEBHOOK-SIGNATURE", "X-Event-Id", "x-event-type"],
    ["X-Delivery-Attempt", "User-Agent", "Host", "Content-Length", "Connection"],
  ])("refuse headers that only the service may set: %s, %s, %s, %s, %s", async (...names) => {
    const { id } = await created();
    for (const name of names) {
      expect((await create({ headers: { [name]: "x" } })).status).toBe(400);
      const change = await client.request("PATCH", `${path}/${id}`, { headers: { [name]: "x" } });
      expect(change.status).toBe(400);
    }
  });

  test("take a retry schedule with or without the first attempt's 0", async () => {
    expect(await created({ retry_schedule: [1, 2] })).toMatchObject({ retry_schedule: [0, 1, 2] });
    expect(await created({ retry_schedule: [0, 1, 2] })).toMatchObject({ retry_schedule: [0, 1, 2] });
    expect(await created({ retry_schedule: [] })).toMatchObject({ retry_schedule: [0] });
  });

  test("are listed by subscriber, name and state, in pages, newest first", async () => {
    const ids: unknown[] = [];
    for (const subscriber of ["a", "b", "a", undefined, "a"]) {
      ids.unshift((await created(subscriber === undefined ? { name: "own" } : { subscriber })).id);
    }
    await client.request("POST", `${path}/${String(ids[0])}/disable`);
    const idsOf = async (query: string) => {
      const { body } = await client.request("GET", `${path}?${query}`);
      return (body.endpoints as { id: string }[]).map(({ id }) => id);
    };
    expect(await idsOf("")).toEqual(ids);
    expect(await idsOf("order=asc")).toEqual(ids.toReversed());
    expect(await idsOf("subscriber=a")).toEqual([ids[0], ids[2], ids[4]]);
    expect(await idsOf("subscriber=a&enabled=true")).toEqual([ids[2], ids[4]]);
    expect(await idsOf("enabled=false")).toEqual([ids[0]]);
    expect(await idsOf("name=own")).toEqual([ids[1]]);
    expect(await idsOf("until=2020-01-01T00:00:00Z")).toEqual([]);
    const first = await client.request("GET", `${path}?limit=3`);
    expect(first.body).toMatchObject({ has_more: true, next_cursor: first.body.end_cursor });
    const second = await client.request("GET", `${path}?limit=3&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({ has_more: false, next_cursor: null });
    expect((second.body.endpoints as { id: string }[]).map(({ id }) => id)).toEqual(ids.slice(3));
    expect((await client.request("GET", `${path}?subscribers=a`)).body.code).toBe("unknown_field");
  });

  test("of another organization, deleted or unknown are 404, in every route", async () => {
    const { id: own } = await created();
    const { id: deleted } = await created();
    expect((await client.request("DELETE", `${path}/${deleted}`)).status).toBe(204);
    const stranger = await gateway.createClient();
    for (const [who, id] of [
      [stranger, own],
      [client, deleted],
      [client, unknownId],
    ] as const) {
      const answers = [
        await who.request("GET", `${path}/${id}`),
        await who.request("PATCH", `${path}/${id}`, { name: "x" }),
        await who.request("DELETE", `${path}/${id}`),
        await who.request("POST", `${path}/${id}/disable`),
        await who.request("POST", `${path}/${id}/enable`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    }
    expect((await stranger.request("GET", path)).body.endpoints).toEqual([]);
    expect((await client.request("GET", `${path}/7`)).status).toBe(400);
    expect((await client.request("GET", `${path}/${own}`)).status).toBe(200);
  });
});

describe("the state of an endpoint", () => {
  const stateOf = async (id?: string) => {
    const { enabled, disabled_reason, disabled_at } = (await client.request("GET", `${path}/${id}`)).body;
    return { enabled, disabled_reason, disabled_at } as Record<string, unknown>;
  };
  const disabled = { enabled: false, disabled_reason: "manual", disabled_at: expect.any(String) };
  const enabled = { enabled: true, disabled_reason: null, disabled_at: null };

  test("is switched by disable, enable and PATCH; a repetition changes nothing", async () => {
    const { id } = await created();
    const first = await client.request("POST", `${path}/${id}/disable`);
    expect([first.status, first.body]).toEqual([200, expect.objectContaining(disabled)]);
    const again = await client.request("POST", `${path}/${id}/disable`, {});
    expect(again.body.disabled_at).toBe(first.body.disabled_at);
    expect((await client.request("POST", `${path}/${id}/enable`)).body).toMatchObject(enabled);
    expect((await client.request("POST", `${path}/${id}/enable`)).body).toMatchObject(enabled);
    await client.request("PATCH", `${path}/${id}`, { enabled: false });
    expect(await stateOf(id)).toEqual(disabled);
    await client.request("PATCH", `${path}/${id}`, { enabled: true });
    expect(await stateOf(id)).toEqual(enabled);
    expect(await stateOf((await created({ enabled: false })).id)).toEqual(disabled);
    const unknown = await client.request("POST", `${path}/${id}/enable`, { replays: "skipped" });
    expect([unknown.status, unknown.body.code]).toEqual([400, "unknown_field"]);
  });
});

test("every change of an endpoint is in the audit log, by whom, without URL and headers", async () => {
  const { body: generated } = await client.request("GET", "/api/keys");
  const actor = generated.keys[0].key_id as string;
  const { id = "" } = await created({ name: "a", headers: { "x-token": "hidden-value" } });
  await client.request("PATCH", `${path}/${id}`, { url: "https://hooks.example.test/hidden", headers: null });
  await client.request("POST", `${path}/${id}/disable`);
  await client.request("POST", `${path}/${id}/enable`);
  await client.request("DELETE", `${path}/${id}`);
  const entries = await auditOf(id);
  expect(entries).toEqual([
    { actor, action: "endpoint.created", detail: { name: "a", subscriber: null } },
    { actor, action: "endpoint.updated", detail: { changed: ["url", "headers"] } },
    { actor, action: "endpoint.disabled", detail: { reason: "manual" } },
    { actor, action: "endpoint.enabled", detail: { reason: "manual" } },
    { actor, action: "endpoint.deleted", detail: null },
  ]);
  expect(JSON.stringify(entries)).not.toContain("hidden");
});

test("scopes: `read` sees endpoints, `endpoints` changes them", async () => {
  const { id } = await created();
  const keyOf = async (scope: string) =>
    (await client.request("POST", "/api/keys", { scopes: [scope] })).body.api_key as string;
  const statusesOf = async (scope: string) => {
    const headers = { "x-api-key": await keyOf(scope) };
    const call = (method: string, suffix: string, body?: object) =>
      callApi(gateway.url, method, path + suffix, body, headers);
    return [
      (await call("GET", "")).status,
      (await call("GET", `/${id}`)).status,
      (await call("POST", "", { url })).status,
      (await call("PATCH", `/${id}`, { name: "x" })).status,
      (await call("POST", `/${id}/disable`)).status,
      (await call("POST", `/${id}/enable`)).status,
    ];
  };
  expect(await statusesOf("read")).toEqual([200, 200, 403, 403, 403, 403]);
  expect(await statusesOf("endpoints")).toEqual([403, 403, 201, 200, 200, 200]);
});
