import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database, insertApiKey } from "@triggers/db";
import { createApiKey } from "@triggers/domain";
import { callApi } from "@triggers/testing";
import bcrypt from "bcrypt";
import { createVerifiedKeys } from "../src/keys/verified-keys.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let db: Database;
let organizationId: string;
let secretHash: string;

const rateLimitOfTier = { free: 1, pro: 1, business: 1, enterprise: 1 };

beforeAll(async () => {
  // The cost of production: a comparison takes some 50 ms of a core.
  gateway = await startTestGateway({ BCRYPT_COST: "10" });
  const url = gateway.settings.DATABASE_URL ?? "";
  db = createDatabase({
    url,
    applicationName: "test",
    maxConnections: 4,
    onConnectionError: () => undefined,
  });
  ({ organizationId } = await gateway.createClient());
  secretHash = await bcrypt.hash("another", 10);
});
afterAll(async () => {
  await db.destroy();
  await gateway.stop();
});

/** A well-formed key of an id that exists, with a secret that is not its own. */
async function wrongKey(): Promise<string> {
  const { apiKey, keyId } = createApiKey();
  await insertApiKey(db, organizationId, { keyId, secretHash, scopes: ["read"], name: null });
  return apiKey;
}

describe("a flood of keys that are well formed", () => {
  test("is refused with 401 or 503, and does not slow who is known", async () => {
    const honest = await gateway.createClient();
    const known = await Promise.all(Array.from({ length: 40 }, wrongKey));
    const keys = Array.from({ length: 600 }, (_, n) =>
      n % 2 ? createApiKey().apiKey : (known[n % 40] ?? ""),
    );
    expect((await honest.publish({ type: "a", payload: {} })).status).toBe(202);

    const flood = Promise.all(
      keys.map((key) => callApi(gateway.url, "GET", "/api/keys", undefined, { "x-api-key": key })),
    );
    const durations: number[] = [];
    const over = new AbortController();
    const done = flood.finally(() => over.abort());
    while (!over.signal.aborted || durations.length < 20) {
      const startedAt = performance.now();
      const answer = await honest.publish({ type: "a", payload: {} });
      durations.push(performance.now() - startedAt);
      expect(answer.status).toBe(202);
    }
    const answers = await done;
    for (const { status, body, headers } of answers) {
      expect([
        [401, "invalid_api_key"],
        [503, "key_check_busy"],
        [503, "database_unavailable"],
      ]).toContainEqual([status, body.code]);
      if (status === 503) expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      else expect(headers.get("www-authenticate")).toMatch(/^Bearer/);
    }
    const median = durations.sort((a, b) => a - b)[Math.floor(durations.length / 2)] ?? Infinity;
    expect(median).toBeLessThan(100);
  }, 60_000);

  /** Counts comparisons, which take as long as they are told. */
  function countingHasher(compareMs = 0) {
    const count = { begun: 0, atOnce: 0, most: 0 };
    const compare = async () => {
      count.begun += 1;
      count.most = Math.max(count.most, ++count.atOnce);
      await new Promise((resolve) => setTimeout(resolve, compareMs));
      count.atOnce -= 1;
      return false;
    };
    return { count, hasher: { hash: () => Promise.resolve(""), compare } };
  }
  const settle = (promises: (() => unknown)[]) =>
    Promise.allSettled(promises.map((start) => Promise.try(start)));
  const codesOf = (results: PromiseSettledResult<unknown>[]) =>
    results.map((result) =>
      result.status === "rejected" ? (result.reason as { code: string }).code : "verified",
    );

  test("begins few comparisons, two at a time at most, and none after a request's deadline", async () => {
    const { count, hasher } = countingHasher(100);
    const keys = createVerifiedKeys({ db, hasher, rateLimitOfTier });
    const wrong = await Promise.all(Array.from({ length: 100 }, wrongKey));
    const codes = codesOf(await settle(wrong.map((key) => () => keys.verify(key))));
    expect(new Set(codes)).toEqual(new Set(["invalid_api_key", "key_check_busy"]));
    expect(count.most).toBeLessThanOrEqual(2);
    // What is in line for longer than 700 ms is dropped, so there is time for eight comparisons per lane.
    expect(count.begun).toBeLessThanOrEqual(20);
    expect(count.atOnce).toBe(0);
  }, 30_000);

  test("of ids that do not exist costs no comparison, and each id one row at most", async () => {
    const { count, hasher } = countingHasher();
    let lookUps = 0;
    const counting = db.withPlugin({
      transformQuery: ({ node }) => (lookUps++, node),
      transformResult: ({ result }) => Promise.resolve(result),
    });
    const keys = createVerifiedKeys({ db: counting, hasher, rateLimitOfTier });
    const unknown = Array.from({ length: 20 }, () => createApiKey().apiKey);
    for (let round = 0; round < 5; round++) {
      const codes = codesOf(await settle(unknown.map((key) => () => keys.verify(key))));
      expect(new Set(codes)).toEqual(new Set(["invalid_api_key"]));
    }
    expect([count.begun, lookUps]).toEqual([0, 20]);
  });

  test("of wrong secrets for a key that has been seen costs no comparison at all", async () => {
    let comparisons = 0;
    const hasher = {
      hash: () => Promise.resolve(""),
      compare: (secret: string, hashed: string) => (comparisons++, bcrypt.compare(secret, hashed)),
    };
    const keys = createVerifiedKeys({ db, hasher, rateLimitOfTier });
    const { apiKey, keyId, secret } = createApiKey();
    const ownHash = await bcrypt.hash(secret, 4);
    await insertApiKey(db, organizationId, { keyId, secretHash: ownHash, scopes: ["read"], name: null });
    await keys.verify(apiKey);
    const codes = codesOf(await settle(Array.from({ length: 50 }, () => () => keys.verify(withId(keyId)))));
    expect(new Set(codes)).toEqual(new Set(["invalid_api_key"]));
    expect(comparisons).toBe(1);
    await keys.verify(apiKey);
  });

  test("of wrong secrets for one key that has not been seen makes one comparison at a time", async () => {
    const { count, hasher } = countingHasher(20);
    const keys = createVerifiedKeys({ db, hasher, rateLimitOfTier });
    const id = (await wrongKey()).split("_")[2] ?? "";
    const codes = codesOf(await settle(Array.from({ length: 50 }, () => () => keys.verify(withId(id)))));
    expect(count.most).toBe(1);
    expect(count.begun).toBeLessThanOrEqual(5);
    expect(codes.filter((code) => code === "key_check_busy").length).toBeGreaterThanOrEqual(45);
  });
});

/** Another secret under the same id, with a checksum that fits. */
function withId(keyId: string): string {
  return createApiKey(keyId).apiKey;
}
