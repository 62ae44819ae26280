import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createDatabase, type Database, recordKeyUses } from "@triggers/db";
import { type ApiClient, eventually } from "@triggers/testing";
import { createKeyUses } from "../src/keys/key-uses.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let db: Database;
const logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
};
const open = (url: string) =>
  createDatabase({ url, applicationName: "test", maxConnections: 2, onConnectionError: () => undefined });

beforeAll(async () => {
  gateway = await startTestGateway({ KEY_USE_INTERVAL_MS: "200" });
  db = open(gateway.settings.DATABASE_URL ?? "");
});
afterAll(async () => {
  await db.destroy();
  await gateway.stop();
});

const keyIdOf = (client: ApiClient) => client.apiKey.split("_")[2] ?? "";
const lastUsed = async (client: ApiClient): Promise<Date | null> =>
  (
    await db
      .selectFrom("api_keys")
      .select("last_used_at")
      .where("key_id", "=", keyIdOf(client))
      .executeTakeFirstOrThrow()
  ).last_used_at;

test("last_used_at follows the use of a key, and GET /api/keys shows it", async () => {
  const client = await gateway.createClient();
  expect(await lastUsed(client)).toBeNull();
  const before = Date.now();
  await client.publish({ type: "a", payload: {} });
  const first = await eventually(async () => {
    const { body } = await client.request("GET", "/api/keys");
    const time = Date.parse(body.keys[0].last_used_at as string);
    expect(time).toBeGreaterThanOrEqual(before);
    return time;
  });
  expect(first).toBeLessThanOrEqual(Date.now());
  await eventually(async () => {
    await client.request("GET", "/api/keys");
    expect(Number(await lastUsed(client))).toBeGreaterThan(first);
  });
});

test("a refused key leaves no trace of use", async () => {
  const client = await gateway.createClient();
  const wrong = await gateway.createClient();
  await client.request("GET", "/api/keys", undefined, { "x-api-key": client.apiKey.slice(0, -1) + "!" });
  await wrong.request("GET", "/api/keys");
  await eventually(async () => expect(await lastUsed(wrong)).not.toBeNull());
  expect(await lastUsed(client)).toBeNull();
});

test("a time that is younger than the interval is not written again, whichever gateway wrote it", async () => {
  const client = await gateway.createClient();
  const use = (secondsAgo: number) =>
    recordKeyUses(
      db,
      [{ keyId: keyIdOf(client), usedAt: new Date(Date.now() - secondsAgo * 1_000) }],
      60_000,
    );
  await use(90);
  const first = await lastUsed(client);
  await use(40);
  expect(await lastUsed(client)).toEqual(first);
  await use(0);
  expect(Number(await lastUsed(client))).toBeGreaterThan(Number(first) + 60_000);
});

test("uses wait while Postgres is away, harm nobody, and are written when it is back", async () => {
  const client = await gateway.createClient();
  const away = open("postgres://nobody@127.0.0.1:1/none");
  const failing = createKeyUses({ db: away, logger, intervalMs: 10 });
  failing.note(keyIdOf(client));
  await failing.stop();
  await away.destroy();
  expect(await lastUsed(client)).toBeNull();

  const url = new URL(gateway.settings.DATABASE_URL ?? "");
  const blocked = open(url.href);
  // Both of its connections are taken until they are let go.
  const release = Promise.withResolvers<undefined>();
  const held = [1, 2].map(() => blocked.connection().execute(() => release.promise));
  const uses = createKeyUses({ db: blocked, logger, intervalMs: 10 });
  for (let n = 0; n < 100; n++) uses.note(keyIdOf(client));
  release.resolve(undefined);
  await Promise.all(held);
  await eventually(async () => expect(await lastUsed(client)).not.toBeNull());
  await uses.stop();
  await blocked.destroy();
});

test("many uses are one statement, and without any there is none", async () => {
  const statements: string[] = [];
  const counting = db.withPlugin({
    transformQuery: ({ node }) => (statements.push(node.kind), node),
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const clients = await Promise.all([1, 2, 3].map(() => gateway.createClient()));
  const uses = createKeyUses({ db: counting, logger, intervalMs: 60_000 });
  for (let n = 0; n < 100; n++) for (const client of clients) uses.note(keyIdOf(client));
  await uses.stop();
  for (const client of clients) expect(await lastUsed(client)).not.toBeNull();
  await createKeyUses({ db: counting, logger, intervalMs: 60_000 }).stop();
  expect(statements).toHaveLength(1);
});
