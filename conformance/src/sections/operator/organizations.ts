import { randomUUID } from "node:crypto";
import { check } from "../../check.ts";
import { NotApplicable } from "../../not-applicable.ts";
import { eventually } from "../../eventually.ts";
import { expectAnswer, expectEqual, expectFaults, expectProblem, expectTrue } from "../../expect.ts";
import { apiKey, list } from "../../shape.ts";

const path = "/api/admin/organizations";
const unknown = `${path}/0198a000-0000-7000-8000-000000000000`;

export const organizationChecks = [
  check("Authorization: Bearer $ADMIN_TOKEN, without it 401", async (world) => {
    for (const [method, route] of [
      ["GET", path],
      ["GET", unknown],
      ["PATCH", unknown],
      ["DELETE", unknown],
      ["POST", `${unknown}/keys`],
      ["GET", "/api/admin/queues"],
      ["GET", "/api/admin/dead-letters"],
      ["POST", "/api/admin/dead-letters/0198a000-0000-7000-8000-000000000000/retry"],
      ["GET", "/api/admin/audit-log"],
    ] as const) {
      expectProblem(await world.call(method, route), 401, "admin_token_required");
      const wrong = { authorization: "Bearer wrong-token-wrong-token" };
      expectProblem(await world.call(method, route, undefined, wrong), 401, "admin_token_required");
    }
  }),
  check("an organization's key is no operator's token", async (world) => {
    const { apiKey: key } = await world.organization("main");
    const headers = { authorization: `Bearer ${key}` };
    expectProblem(await world.call("GET", path, undefined, headers), 401, "admin_token_required");
  }),
  check("GET /api/admin/organizations, GET …/:id", async (world) => {
    expectAnswer(await world.callAsOperator("GET", path), 200, { organizations: list });
    const { id } = await world.organization("main");
    const shown = { organization_id: id, organization_name: "Conformance", tier: "enterprise" };
    expectAnswer(await world.callAsOperator("GET", `${path}/${id}`), 200, shown);
    expectProblem(await world.callAsOperator("GET", unknown), 404, "not_found");
  }),
  check("PATCH …/:id: tier and rate override, everywhere within 1 s", async (world) => {
    await world.callAsOperator("GET", path);
    const one = await world.createOrganization("free");
    for (const [change, limit] of [
      [{ tier: "pro" }, 1_000],
      [{ rate_limit_per_minute: 7 }, 7],
      [{ rate_limit_per_minute: null }, 1_000],
    ] as const) {
      expectAnswer(await world.callAsOperator("PATCH", `${path}/${one.id}`, change), 200);
      await eventually(async () => {
        const answer = await one.call("GET", "/api/keys");
        expectAnswer(answer, 200, { rate_limit_per_minute: limit });
      }, 3_000);
    }
    expectFaults(await world.callAsOperator("PATCH", `${path}/${one.id}`, { tier: "gold" }), "/tier");
    expectProblem(await world.callAsOperator("PATCH", `${path}/${one.id}`, {}), 400);
    expectProblem(
      await world.callAsOperator("PATCH", `${path}/${one.id}`, { colour: 1 }),
      400,
      "unknown_field",
    );
  }),
  check("PATCH …/:id: suspend, and back", async (world) => {
    await world.callAsOperator("GET", path);
    const one = await world.createOrganization();
    expectAnswer(await world.callAsOperator("PATCH", `${path}/${one.id}`, { suspended: true }), 200);
    await eventually(
      async () => expectProblem(await one.call("GET", "/api/keys"), 403, "organization_suspended"),
      3_000,
    );
    expectAnswer(await world.callAsOperator("PATCH", `${path}/${one.id}`, { suspended: false }), 200);
    await eventually(async () => expectAnswer(await one.call("GET", "/api/keys"), 200), 3_000);
  }),
  check("DELETE …/:id: erase with everything", async (world) => {
    await world.callAsOperator("GET", path);
    const one = await world.createOrganization();
    const { id } = (await one.publish({ subscriber: randomUUID() })).body as { id: string };
    await eventually(async () => {
      const answer = await world.callAsOperator("DELETE", `${path}/${one.id}`);
      expectTrue(
        "202 while it goes on, 204, or 404 at its end",
        [202, 204, 404].includes(answer.status),
        answer.text,
      );
      expectProblem(await world.callAsOperator("GET", `${path}/${one.id}`), 404, "not_found");
    });
    expectProblem(await one.call("GET", `/api/events/${id}`), 401, "invalid_api_key");
  }),
  check("POST …/:id/keys: a new admin key for someone locked out", async (world) => {
    const { id } = await world.organization("main");
    const answer = await world.callAsOperator("POST", `${path}/${id}/keys`, { name: "Rescue" });
    expectAnswer(answer, 201, { api_key: apiKey, organization_id: id, name: "Rescue" });
    const { api_key, scopes } = answer.body as { api_key: string; scopes: string[] };
    expectEqual("scopes", scopes, ["admin"]);
    const main = await world.organization("main");
    expectAnswer(await main.callWith(api_key, "GET", "/api/keys"), 200);
    expectProblem(await world.callAsOperator("POST", `${unknown}/keys`, {}), 404, "not_found");
  }),
  check("POST /api/keys/generate with the token tells the operator's signups apart", async (world) => {
    if (world.signupHeaders.authorization === undefined)
      throw new NotApplicable("no --admin-token was given");
    const { id } = await world.createOrganization();
    const answer = await world.callAsOperator("GET", `/api/admin/audit-log?organization_id=${id}`);
    expectAnswer(answer, 200, { audit_log: [{ organization_id: id, actor: "operator" }] });
  }),
];
