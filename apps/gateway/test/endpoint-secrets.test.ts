import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database } from "@triggers/db";
import { createSigningSecret, isSigningSecret } from "@triggers/domain";
import { type ApiClient, callApi } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;
let db: Database;
let id: string;
let first: string;

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
  const { body } = await client.request("POST", "/api/endpoints", { url: "https://hooks.example.test/" });
  ({ id, signing_secret: first } = body as { id: string; signing_secret: string });
});

const show = () => client.request("GET", `/api/endpoints/${id}/secret`);
const rotate = (body?: object) => client.request("POST", `/api/endpoints/${id}/secret/rotate`, body);
const storedSecrets = async () => {
  const row = await db.selectFrom("endpoints").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
  return row.previous_secrets_expire_at.map((time) => time.getTime());
};

describe("an endpoint's signing secret (contract, section 5)", () => {
  test("is shown to admins only, and the audit log says so", async () => {
    expect((await show()).body).toEqual({ signing_secret: first });
    const { body: weak } = await client.request("POST", "/api/keys", {
      scopes: ["read", "endpoints", "publish", "consume"],
    });
    const headers = { "x-api-key": weak.api_key as string };
    const refused = await callApi(gateway.url, "GET", `/api/endpoints/${id}/secret`, undefined, headers);
    expect([refused.status, refused.body.code]).toEqual([403, "missing_scope"]);
    const entries = await db.selectFrom("audit_log").select("action").where("target", "=", id).execute();
    expect(entries.map(({ action }) => action).sort()).toEqual(["endpoint.created", "endpoint.secret_shown"]);
  });

  test("is replaced by a rotation, which says when the old one ends: after a day by default", async () => {
    const before = Date.now();
    const rotated = await rotate();
    expect(rotated.status).toBe(200);
    const { signing_secret: second, previous_secret_expires_at: endsAt } = rotated.body as Record<
      string,
      string
    >;
    expect(isSigningSecret(second ?? "")).toBe(true);
    expect(second).not.toBe(first);
    const overlapMs = Date.parse(endsAt ?? "") - before;
    expect(overlapMs).toBeGreaterThan(86_400_000 - 30_000);
    expect(overlapMs).toBeLessThan(86_400_000 + 30_000);
    expect((await show()).body).toEqual({ signing_secret: second, previous_secret_expires_at: endsAt });
    expect(gateway.logText()).not.toContain(second?.slice("whsec_".length));
  });

  test("rotated without an overlap ends all the old ones at once", async () => {
    await rotate({ overlap_seconds: 600 });
    const last = await rotate({ overlap_seconds: 0 });
    expect(last.body).toEqual({ signing_secret: expect.any(String) });
    expect(await storedSecrets()).toEqual([]);
  });

  test("has at most four before it, none of which outlives the newest overlap", async () => {
    for (const overlap of [600, 60, 600, 600])
      expect((await rotate({ overlap_seconds: overlap })).status).toBe(200);
    const times = await storedSecrets();
    expect(times).toHaveLength(4);
    // The first two ended with the overlap of 60 seconds.
    expect((times[0] ?? 0) - (times[3] ?? 0)).toBeGreaterThan(500_000);
    const refused = await rotate({ overlap_seconds: 600 });
    expect([refused.status, refused.body.code]).toEqual([409, "secret_limit_reached"]);
    expect((await rotate({ overlap_seconds: 0 })).status).toBe(200);
  });

  test("rotated by many at once: every answer's secret is live or refused, and the last one is current", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => rotate({ overlap_seconds: 600 })));
    const shown = answers.filter(({ status }) => status === 200);
    expect(shown).toHaveLength(4);
    const { body } = await show();
    expect(shown.map((answer) => answer.body.signing_secret as string)).toContain(body.signing_secret);
    expect(await storedSecrets()).toHaveLength(4);
  });

  test("may be brought along by the caller, at creation and at rotation", async () => {
    const [own, next] = [createSigningSecret(), createSigningSecret()];
    const { body } = await client.request("POST", "/api/endpoints", {
      url: "https://hooks.example.test/",
      signing_secret: own,
    });
    expect(body.signing_secret).toBe(own);
    expect((await rotate({ signing_secret: next })).body.signing_secret).toBe(next);
    expect((await show()).body.signing_secret).toBe(next);
    const broken = await rotate({ signing_secret: `whsec_${"A".repeat(20)}` });
    expect([broken.status, broken.body.errors[0].pointer]).toEqual([400, "/signing_secret"]);
    expect(broken.text).not.toContain("AAAAA");
  });

  test.each([
    { overlap_seconds: -1 },
    { overlap_seconds: 604_801 },
    { overlap_seconds: "60" },
    { overlap: 1 },
  ])("is not rotated by %j", async (body) => {
    expect((await rotate(body)).status).toBe(400);
    expect((await show()).body).toEqual({ signing_secret: first });
  });

  test("of another organization's endpoint is a 404", async () => {
    client = await gateway.createClient();
    expect((await show()).status).toBe(404);
    expect((await rotate()).status).toBe(404);
  });
});
