import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createDatabase, type Database } from "@triggers/db";
import { type ApiClient, callApi, eventually } from "@triggers/testing";
import { createSecretHasher } from "../src/keys/secret-hasher.ts";
import { createVerifiedKeys } from "../src/keys/verified-keys.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let other: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway();
  other = await gateway.startAnother();
});
afterAll(() => gateway.stop());

const event = { type: "a", payload: {} };
const publish = async (url: string, key: string) =>
  (await callApi(url, "POST", "/api/events", event, { "x-api-key": key })).status;
const read = async (url: string, key: string) =>
  (await callApi(url, "GET", "/api/keys", undefined, { "x-api-key": key })).status;
const everywhere = (key: string) =>
  Promise.all([gateway.url, other.url].flatMap((url) => [publish(url, key), read(url, key)]));
const works = [202, 200, 202, 200];
const stopped = [401, 401, 401, 401];

/** A client whose key both gateways know well. */
async function knownClient(): Promise<ApiClient> {
  const known = await gateway.createClient();
  for (let n = 0; n < 3; n++) expect(await everywhere(known.apiKey)).toEqual(works);
  return known;
}
async function rotate(
  body?: unknown,
): Promise<{ api_key: string; key_id: string; previous_key_expires_at: string }> {
  const answer = await client.request("POST", "/api/keys/rotate", body);
  expect(answer.status).toBe(200);
  return answer.body as Awaited<ReturnType<typeof rotate>>;
}

describe("rotating a key (contract, section 1)", () => {
  test("the new key works on both gateways at once, the old one on neither after a second", async () => {
    client = await knownClient();
    const answer = await client.request("POST", "/api/keys/rotate");
    const rotatedAt = performance.now();
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      api_key: expect.stringMatching(/^trg_live_/),
      key_id: expect.any(String),
      organization_id: client.organizationId,
      rotated_at: expect.any(String),
      previous_key_expires_at: answer.body.rotated_at,
      message: expect.any(String),
    });
    expect(answer.body.api_key).not.toBe(client.apiKey);
    expect(await everywhere(answer.body.api_key as string)).toEqual(works);
    await eventually(async () => expect(await everywhere(client.apiKey)).toEqual(stopped), 2_000);
    expect(performance.now() - rotatedAt).toBeLessThan(1_000);
    expect(await everywhere(client.apiKey)).toEqual(stopped);
  });

  test("with an overlap both keys work until it ends, and the old one stops everywhere within a second", async () => {
    client = await knownClient();
    const { api_key, previous_key_expires_at } = await rotate({ overlap_seconds: 2 });
    const endsAt = Date.parse(previous_key_expires_at);
    const { body } = await callApi(other.url, "GET", "/api/keys", undefined, { "x-api-key": api_key });
    expect(body.keys).toHaveLength(2);
    for (const key of [client.apiKey, api_key]) expect(await everywhere(key)).toEqual(works);
    expect(Date.now()).toBeLessThan(endsAt);

    await eventually(async () => expect(await everywhere(client.apiKey)).toEqual(stopped), 5_000);
    expect(Date.now() - endsAt).toBeGreaterThanOrEqual(0);
    expect(Date.now() - endsAt).toBeLessThan(1_000);
    expect(await everywhere(api_key)).toEqual(works);
  });

  test("ends the overlap of the key before it no later than promised when it is rotated again", async () => {
    client = await knownClient();
    const first = await rotate({ overlap_seconds: 60 });
    const again = await rotate({ overlap_seconds: 600 });
    expect(again.previous_key_expires_at).toBe(first.previous_key_expires_at);
  });

  test("by two requests at once gives each a key that works, and the old one stops", async () => {
    client = await knownClient();
    const answers = await Promise.all([1, 2].map(() => client.request("POST", "/api/keys/rotate", {})));
    const rotated = answers.filter(({ status }) => status === 200);
    expect(rotated.length).toBeGreaterThanOrEqual(1);
    for (const { body } of rotated) expect(await everywhere(body.api_key as string)).toEqual(works);
    await eventually(async () => expect(await everywhere(client.apiKey)).toEqual(stopped), 2_000);
  });

  test.each([-1, 604_801, 1.5, "60", null])("overlap_seconds %j is refused, never clamped", async (value) => {
    client = await gateway.createClient();
    const answer = await client.request("POST", "/api/keys/rotate", { overlap_seconds: value });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, "/overlap_seconds"]);
    expect(await read(gateway.url, client.apiKey)).toBe(200);
  });
});

describe("a verified key", () => {
  let db: Database;
  beforeAll(() => {
    const url = gateway.settings.DATABASE_URL ?? "";
    db = createDatabase({
      url,
      applicationName: "test",
      maxConnections: 1,
      onConnectionError: () => undefined,
    });
  });
  afterAll(() => db.destroy());
  const hasher = createSecretHasher(4);
  const rateLimitOfTier = { free: 1, pro: 1, business: 1, enterprise: 1 };

  test("costs one comparison, however many requests bring it at once", async () => {
    let comparisons = 0;
    const counting = {
      ...hasher,
      compare: (...args: [string, string]) => (comparisons++, hasher.compare(...args)),
    };
    const keys = createVerifiedKeys({ db, hasher: counting, rateLimitOfTier });
    const { apiKey } = await gateway.createClient();
    await Promise.all(Array.from({ length: 50 }, async () => keys.verify(apiKey)));
    await keys.verify(apiKey);
    expect(comparisons).toBe(1);
  });

  test("is good at its epoch even while Postgres is silent, however old it is", async () => {
    const keys = createVerifiedKeys({ db, hasher, rateLimitOfTier, maxAgeMs: 0 });
    const key = await keys.verify((await gateway.createClient()).apiKey);
    await keys.confirm(key, "epoch");
    const silence = Promise.withResolvers<undefined>();
    const held = Promise.withResolvers<undefined>();
    // The pool's only connection is taken: whoever asks Postgres now gets no answer.
    const busy = db.connection().execute(async () => {
      held.resolve(undefined);
      await silence.promise;
    });
    await held.promise;
    const principal = await keys.confirm(key, "epoch");
    silence.resolve(undefined);
    await busy;
    expect(principal.tier).toBe("enterprise");
  });
});
