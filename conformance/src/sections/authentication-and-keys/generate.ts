import { check } from "../../check.ts";
import { NotApplicable } from "../../not-applicable.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem } from "../../expect.ts";
import { apiKey, text, timestamp, uuidV7 } from "../../shape.ts";
import type { World } from "../../world.ts";

const path = "/api/keys/generate";

/** A body that is refused shows who may sign up without creating anything. */
async function isSignupOpen(world: World): Promise<boolean> {
  return (await world.call("POST", path, { organization_name: "" })).status === 400;
}

export const generateChecks = [
  check(
    "POST /api/keys/generate: 201 {api_key, key_id, organization_id, organization_name, tier, rate_limit_per_minute, scopes, created_at, message}",
    async (world) => {
      const body = { organization_name: "Conformance Ü", tier: "enterprise" };
      const answer = await world.call("POST", path, body, world.signupHeaders);
      if (answer.status === 401)
        throw new NotApplicable("signup is closed here and no --admin-token was given");
      expectAnswer(answer, 201, {
        ...{ api_key: apiKey, key_id: text, organization_id: uuidV7, organization_name: "Conformance Ü" },
        ...{ tier: "enterprise", created_at: timestamp, message: text },
      });
      expectEqual("scopes", (answer.body as { scopes: unknown }).scopes, ["admin"]);
    },
  ),
  check("old: org_name; tier?=free", async (world) => {
    await world.organization("main");
    const answer = await world.call("POST", path, { org_name: "Old" }, world.signupHeaders);
    expectAnswer(answer, 201, { organization_name: "Old", tier: "free" });
  }),
  check("organization_name has 1..255 characters", async (world) => {
    await world.organization("main");
    for (const organization_name of ["", "x".repeat(256), 5, null]) {
      const answer = await world.call("POST", path, { organization_name }, world.signupHeaders);
      expectFaults(answer, "/organization_name");
    }
    expectFaults(await world.call("POST", path, {}, world.signupHeaders), "/organization_name");
  }),
  check("unknown tier 400", async (world) => {
    await world.organization("main");
    const body = { organization_name: "x", tier: "gold" };
    expectFaults(await world.call("POST", path, body, world.signupHeaders), "/tier");
  }),
  check("SIGNUP=admin needs Authorization: Bearer $ADMIN_TOKEN", async (world) => {
    if (await isSignupOpen(world)) throw new NotApplicable("signup is open here");
    const body = { organization_name: "x" };
    expectProblem(await world.call("POST", path, body), 401, "admin_token_required");
    const wrong = { authorization: "Bearer wrong-token-wrong-token" };
    expectProblem(await world.call("POST", path, body, wrong), 401, "admin_token_required");
  }),
  check("SIGNUP=open needs nothing", async (world) => {
    if (!(await isSignupOpen(world))) throw new NotApplicable("signup is closed here");
    expectAnswer(await world.call("POST", path, { organization_name: "x" }), 201);
  }),
  check("tiers: free 100, pro 1 000, business 10 000, enterprise 100 000", async (world) => {
    for (const [tier, limit] of Object.entries({
      free: 100,
      pro: 1_000,
      business: 10_000,
      enterprise: 100_000,
    })) {
      const { generated } = await world.createOrganization(tier);
      expectEqual(`rate_limit_per_minute of ${tier}`, generated.rate_limit_per_minute, limit);
    }
  }),
];
