import { check } from "../../check.ts";
import { NotApplicable } from "../../not-applicable.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem, expectTrue } from "../../expect.ts";
import { apiKey, list, matching, orNull, text, timestamp } from "../../shape.ts";
import type { Organization } from "../../world.ts";

/** What the contract grants a revocation, and a second for this machine. */
const graceMs = 2_000;

async function createKey(main: Organization, body: object): Promise<{ api_key: string; key_id: string }> {
  const answer = await main.call("POST", "/api/keys", body);
  expectAnswer(answer, 201, { api_key: apiKey, key_id: text });
  return answer.body as { api_key: string; key_id: string };
}

const expectWorking = async (main: Organization, key: string) =>
  expectAnswer(await main.callWith(key, "GET", "/api/keys"), 200);
const expectStopped = (main: Organization, key: string, withinMs = graceMs) =>
  eventually(
    async () => expectProblem(await main.callWith(key, "GET", "/api/keys"), 401, "invalid_api_key"),
    withinMs,
  );

export const keyChecks = [
  check(
    "GET /api/keys: 200 {organization_id, organization_name, tier, rate_limit_per_minute, webhook_url, created_at, updated_at, keys}",
    async (world) => {
      const main = await world.organization("main");
      const answer = await main.call("GET", "/api/keys");
      expectAnswer(answer, 200, {
        ...{ organization_id: main.id, organization_name: "Conformance", tier: "enterprise" },
        rate_limit_per_minute: Number(main.generated.rate_limit_per_minute),
        ...{ webhook_url: orNull(text), created_at: timestamp, updated_at: timestamp },
        keys: [
          {
            ...{ key_id: text, name: orNull(text), scopes: list, created_at: timestamp },
            ...{ last_used_at: orNull(timestamp), expires_at: orNull(timestamp) },
          },
        ],
      });
      const ids = (answer.body as { keys: { key_id: string }[] }).keys.map(({ key_id }) => key_id);
      expectTrue("the first key listed", ids.includes(String(main.generated.key_id)), ids);
    },
  ),
  check(
    "POST /api/keys {name?, scopes?, expires_at?}: 201, with api_key, of the same organization",
    async (world) => {
      const main = await world.organization("main");
      const expires_at = new Date(Date.now() + 3_600_000).toISOString();
      const body = { name: "Consumer", scopes: ["consume", "read"], expires_at };
      const answer = await main.call("POST", "/api/keys", body);
      expectAnswer(answer, 201, {
        api_key: apiKey,
        organization_id: main.id,
        ...{ name: "Consumer", expires_at },
      });
      const { api_key, key_id, scopes } = answer.body as {
        api_key: string;
        key_id: string;
        scopes: string[];
      };
      expectEqual("scopes", scopes.toSorted(), ["consume", "read"]);
      await expectWorking(main, api_key);
      const listed = await main.call("GET", "/api/keys");
      const { keys } = listed.body as { keys: { key_id: string; name: string }[] };
      expectEqual("its name in the list", keys.find((key) => key.key_id === key_id)?.name, "Consumer");
    },
  ),
  check("scopes are publish, read, consume, endpoints, admin; expires_at lies ahead", async (world) => {
    const main = await world.organization("main");
    expectProblem(await main.call("POST", "/api/keys", { scopes: ["write"] }), 400, "invalid_request");
    expectFaults(await main.call("POST", "/api/keys", { scopes: [] }), "/scopes");
    expectFaults(
      await main.call("POST", "/api/keys", { expires_at: "2020-01-01T00:00:00.000Z" }),
      "/expires_at",
    );
    expectFaults(await main.call("POST", "/api/keys", { expires_at: "tomorrow" }), "/expires_at");
  }),
  check("a key stops working when it expires", async (world) => {
    const main = await world.organization("main");
    const expires_at = new Date(Date.now() + 1_500).toISOString();
    const { api_key } = await createKey(main, { expires_at });
    await expectStopped(main, api_key, 1_500 + graceMs);
  }),
  check(
    "POST /api/keys/rotate: 200 {api_key, key_id, organization_id, rotated_at, previous_key_expires_at, message}",
    async (world) => {
      const main = await world.organization("main");
      const { api_key: old } = await createKey(main, { name: "Rotated" });
      const answer = await main.callWith(old, "POST", "/api/keys/rotate", {});
      expectAnswer(answer, 200, {
        ...{ api_key: apiKey, key_id: text, organization_id: main.id, rotated_at: timestamp },
        ...{ previous_key_expires_at: timestamp, message: text },
      });
      await expectWorking(main, (answer.body as { api_key: string }).api_key);
      await expectStopped(main, old);
    },
  ),
  check("overlap_seconds? 0..604800 = 0: the old key works until the overlap's end", async (world) => {
    const main = await world.organization("main");
    const { api_key: old } = await createKey(main, {});
    const rotated = await main.callWith(old, "POST", "/api/keys/rotate", { overlap_seconds: 2 });
    expectAnswer(rotated, 200);
    const { rotated_at, previous_key_expires_at } = rotated.body as Record<string, string>;
    const overlapMs = Date.parse(previous_key_expires_at ?? "") - Date.parse(rotated_at ?? "");
    expectEqual("the overlap in ms", overlapMs, 2_000);
    await expectWorking(main, old);
    await expectStopped(main, old, overlapMs + graceMs);
    for (const overlap_seconds of [-1, 604_801, 1.5, "2"]) {
      const answer = await main.call("POST", "/api/keys/rotate", { overlap_seconds });
      expectFaults(answer, "/overlap_seconds");
    }
  }),
  check("DELETE /api/keys/:key_id: 204, revokes, same 1 s", async (world) => {
    const main = await world.organization("main");
    const { api_key, key_id } = await createKey(main, {});
    await expectWorking(main, api_key);
    const answer = await main.call("DELETE", `/api/keys/${key_id}`);
    expectEqual("the answer", [answer.status, answer.text], [204, ""]);
    await expectStopped(main, api_key);
    expectProblem(await main.call("DELETE", "/api/keys/unknown"), 404, "not_found");
  }),
  check("the last admin key: 409 last_admin_key", async (world) => {
    const other = await world.organization("other");
    const last = String(other.generated.key_id);
    await createKey(other, { scopes: ["read"] });
    expectProblem(await other.call("DELETE", `/api/keys/${last}`), 409, "last_admin_key");
    await expectWorking(other, other.apiKey);
  }),
  check("last_used_at is written at most once a minute", async (world) => {
    const main = await world.organization("main");
    const { api_key, key_id } = await createKey(main, {});
    if (!world.isSlow) throw new NotApplicable("it is written once a minute: run with --slow");
    await expectWorking(main, api_key);
    await eventually(async () => {
      const { keys } = (await main.call("GET", "/api/keys")).body as {
        keys: { key_id: string; last_used_at: string | null }[];
      };
      const used = keys.find((key) => key.key_id === key_id)?.last_used_at;
      expectTrue("a time", matching(/Z$/).matches(used), used);
    }, 70_000);
  }),
];
