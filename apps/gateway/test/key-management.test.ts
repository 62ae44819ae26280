import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database } from "@triggers/db";
import { type ApiAnswer, type ApiClient, callApi, eventually } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let other: TestGateway;
let db: Database;

beforeAll(async () => {
  gateway = await startTestGateway();
  other = await gateway.startAnother();
  const url = gateway.settings.DATABASE_URL ?? "";
  db = createDatabase({
    url,
    applicationName: "test",
    maxConnections: 2,
    onConnectionError: () => undefined,
  });
});
afterAll(async () => {
  await db.destroy();
  await gateway.stop();
});

interface CreatedKey {
  api_key: string;
  key_id: string;
}

async function createKey(client: ApiClient, body: unknown = {}): Promise<CreatedKey> {
  const answer = await client.request("POST", "/api/keys", body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body as CreatedKey;
}
const as = (key: string, method: string, path: string, body?: unknown, url = gateway.url) =>
  callApi(url, method, path, body, { "x-api-key": key });
const keyIdOf = (apiKey: string) => apiKey.split("_")[2] ?? "";
const outcome = ({ status, body }: ApiAnswer) => [status, body?.code as unknown];
const keysOf = async (client: ApiClient) =>
  (await client.request("GET", "/api/keys")).body.keys as Record<string, unknown>[];
const auditOf = (organizationId: string) =>
  db
    .selectFrom("audit_log")
    .select(["actor", "action", "target", "detail"])
    .where("organization_id", "=", organizationId)
    .orderBy("created_at")
    .execute();

describe("POST /api/keys (contract, section 1)", () => {
  test("makes a further key of the same organization, which works and is listed", async () => {
    const client = await gateway.createClient();
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const answer = await client.request("POST", "/api/keys", {
      name: "ci",
      scopes: ["publish", "read"],
      expires_at,
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      api_key: expect.stringMatching(/^trg_live_/),
      key_id: keyIdOf(answer.body.api_key as string),
      organization_id: client.organizationId,
      name: "ci",
      scopes: ["publish", "read"],
      created_at: expect.stringMatching(/Z$/),
      expires_at,
      message: expect.any(String),
    });
    const listed = await as(answer.body.api_key as string, "GET", "/api/keys", undefined, other.url);
    expect(listed.body.keys).toContainEqual({
      key_id: answer.body.key_id,
      name: "ci",
      scopes: ["publish", "read"],
      created_at: answer.body.created_at,
      last_used_at: null,
      expires_at,
    });
  });

  test("without a body makes an admin key that does not expire", async () => {
    const client = await gateway.createClient();
    const { body } = await client.request("POST", "/api/keys");
    expect(body).toMatchObject({ name: null, scopes: ["admin"], expires_at: null });
  });

  test.each([
    [{ scopes: [] }, "/scopes"],
    [{ scopes: ["everything"] }, "/scopes/0"],
    [{ scopes: ["read", "read"] }, "/scopes/1"],
    [{ scopes: "read" }, "/scopes"],
    [{ name: "" }, "/name"],
    [{ name: "a\0b" }, "/name"],
    [{ expires_at: "2020-01-01T00:00:00Z" }, "/expires_at"],
    [{ expires_at: "2099-01-01" }, "/expires_at"],
    [{ expires_at: "+300000-01-01T00:00:00Z" }, "/expires_at"],
    [{ expires_at: 4_102_444_800_000 }, "/expires_at"],
    [{ scope: ["read"] }, "/scope"],
  ])("refuses %j and points at the field", async (body, pointer) => {
    const client = await gateway.createClient();
    const answer = await client.request("POST", "/api/keys", body);
    expect([answer.status, answer.body.errors]).toEqual([400, [{ pointer, detail: expect.any(String) }]]);
  });

  test("a key may do what its scopes say, and only an admin key manages keys", async () => {
    const client = await gateway.createClient();
    const id = "01890000-0000-7000-8000-000000000000";
    const wanted = {
      publish: ["POST", "/api/events"],
      read: ["GET", "/api/keys"],
      consume: ["POST", `/api/inbox/ack/${id}`],
      endpoints: ["POST", "/api/webhook/config"],
      "admin, to create": ["POST", "/api/keys"],
      "admin, to rotate": ["POST", "/api/keys/rotate"],
      "admin, to revoke": ["DELETE", "/api/keys/unknown"],
    } as Record<string, [string, string]>;
    for (const scope of ["publish", "read", "consume", "endpoints"]) {
      const { api_key } = await createKey(client, { scopes: [scope] });
      for (const [needed, [method, path]] of Object.entries(wanted)) {
        const { status } = await as(api_key, method, path, method === "POST" ? { nonsense: 1 } : undefined);
        expect([scope, needed, status === 403]).toEqual([scope, needed, scope !== needed]);
      }
    }
  });

  test("a key stops working by itself when it expires, on every gateway", async () => {
    const client = await gateway.createClient();
    const expires_at = new Date(Date.now() + 1_500).toISOString();
    const { api_key } = await createKey(client, { expires_at });
    const read = () =>
      Promise.all([gateway.url, other.url].map((url) => as(api_key, "GET", "/api/keys", undefined, url)));
    expect((await read()).map(({ status }) => status)).toEqual([200, 200]);
    await eventually(async () => {
      expect((await read()).map(outcome)).toEqual([1, 2].map(() => [401, "invalid_api_key"]));
    }, 5_000);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expires_at));
    expect(Date.now() - Date.parse(expires_at)).toBeLessThan(1_000);
    expect(await keysOf(client)).toHaveLength(1);
  });
});

describe("DELETE /api/keys/:key_id", () => {
  test("revokes the key on both gateways within a second", async () => {
    const client = await gateway.createClient();
    const { api_key, key_id } = await createKey(client);
    const everywhere = async () => {
      const answers = [gateway.url, other.url].flatMap((url) => [
        as(api_key, "GET", "/api/keys", undefined, url),
        as(api_key, "POST", "/api/events", { type: "a", payload: {} }, url),
      ]);
      return (await Promise.all(answers)).map(({ status }) => status);
    };
    for (let n = 0; n < 3; n++) expect(await everywhere()).toEqual([200, 202, 200, 202]);
    const answer = await client.request("DELETE", `/api/keys/${key_id}`);
    const revokedAt = performance.now();
    expect([answer.status, answer.text]).toEqual([204, ""]);
    await eventually(async () => expect(await everywhere()).toEqual([401, 401, 401, 401]), 3_000);
    expect(performance.now() - revokedAt).toBeLessThan(1_000);
    expect((await keysOf(client)).map(({ key_id: id }) => id)).not.toContain(key_id);
  });

  test("answers 404 to an unknown key, one that is revoked already, and another organization's", async () => {
    const [client, stranger] = [await gateway.createClient(), await gateway.createClient()];
    const { key_id } = await createKey(client);
    expect((await client.request("DELETE", `/api/keys/${key_id}`)).status).toBe(204);
    for (const id of [key_id, "unknown", "%00", keyIdOf(stranger.apiKey)])
      expect(outcome(await client.request("DELETE", `/api/keys/${id}`))).toEqual([404, "not_found"]);
    expect((await stranger.request("GET", "/api/keys")).status).toBe(200);
  });

  test("keeps the last admin key, whatever other keys there are", async () => {
    const client = await gateway.createClient();
    await createKey(client, { scopes: ["publish", "read", "consume", "endpoints"] });
    const own = `/api/keys/${keyIdOf(client.apiKey)}`;
    expect(outcome(await client.request("DELETE", own))).toEqual([409, "last_admin_key"]);
    const second = await createKey(client);
    expect((await client.request("DELETE", own)).status).toBe(204);
    expect(outcome(await as(second.api_key, "DELETE", `/api/keys/${second.key_id}`))).toEqual([
      409,
      "last_admin_key",
    ]);
  });

  test("lets only one win when the last two admin keys are revoked at once", async () => {
    for (let round = 0; round < 5; round++) {
      const client = await gateway.createClient();
      const second = await createKey(client);
      const answers = await Promise.all([
        as(second.api_key, "DELETE", `/api/keys/${keyIdOf(client.apiKey)}`, undefined, gateway.url),
        as(client.apiKey, "DELETE", `/api/keys/${second.key_id}`, undefined, other.url),
      ]);
      const statuses = answers.map(({ status }) => status);
      // The loser's own key is the one that the winner has revoked.
      expect(statuses.sort()).toEqual([204, 401]);
      const { admin } = await db
        .selectFrom("api_keys")
        .select((eb) => eb.fn.countAll<number>().as("admin"))
        .where("organization_id", "=", client.organizationId)
        .where("revoked_at", "is", null)
        .executeTakeFirstOrThrow();
      expect(admin).toBe(1);
    }
  });

  test("by the same key twice at once lets only one win over the last two admin keys", async () => {
    const client = await gateway.createClient();
    const second = await createKey(client);
    const revoke = (id: string, url: string) =>
      as(client.apiKey, "DELETE", `/api/keys/${id}`, undefined, url);
    const answers = await Promise.all([
      revoke(keyIdOf(client.apiKey), gateway.url),
      revoke(second.key_id, other.url),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  });
});

test("every change of keys is in the audit log, by whom, and without a secret", async () => {
  const client = await gateway.createClient();
  const [first, made] = [keyIdOf(client.apiKey), await createKey(client, { name: "ci", scopes: ["read"] })];
  expect((await client.request("DELETE", `/api/keys/${made.key_id}`)).status).toBe(204);
  const rotated = (await client.request("POST", "/api/keys/rotate")).body as CreatedKey;
  const log = await auditOf(client.organizationId);
  expect(log).toEqual([
    {
      actor: "signup",
      action: "organization.created",
      target: client.organizationId,
      detail: { name: "Acme", tier: "enterprise", key_id: first },
    },
    {
      actor: first,
      action: "api_key.created",
      target: made.key_id,
      detail: { name: "ci", scopes: ["read"], expires_at: null },
    },
    { actor: first, action: "api_key.revoked", target: made.key_id, detail: null },
    {
      actor: first,
      action: "api_key.rotated",
      target: first,
      detail: { new_key_id: rotated.key_id, previous_key_expires_at: expect.any(String) },
    },
  ]);
  for (const key of [client.apiKey, made.api_key, rotated.api_key])
    expect(JSON.stringify(log)).not.toContain(key.split("_")[3]);
});
