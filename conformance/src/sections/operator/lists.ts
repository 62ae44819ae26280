import { check } from "../../check.ts";
import { expectAnswer, expectEqual, expectProblem } from "../../expect.ts";
import { count, list, text, timestamp } from "../../shape.ts";

export const operatorListChecks = [
  check("GET /api/admin/queues", async (world) => {
    const answer = await world.callAsOperator("GET", "/api/admin/queues");
    expectAnswer(answer, 200, {
      queues: [{ name: text, waiting: count, active: count, delayed: count, depth: count }],
    });
  }),
  check("GET /api/admin/dead-letters with POST …/:id/retry", async (world) => {
    const path = "/api/admin/dead-letters";
    expectAnswer(await world.callAsOperator("GET", path), 200, { dead_letters: list });
    const unknown = `${path}/0198a000-0000-7000-8000-000000000000/retry`;
    expectProblem(await world.callAsOperator("POST", unknown), 404, "not_found");
    expectProblem(await world.callAsOperator("POST", `${path}/no-id/retry`), 400, "invalid_request");
  }),
  check("GET /api/admin/audit-log: written for every change", async (world) => {
    await world.callAsOperator("GET", "/api/admin/queues");
    const one = await world.createOrganization();
    const path = `/api/admin/organizations/${one.id}`;
    const created = await one.call("POST", "/api/keys", { scopes: ["read"] });
    await one.call("DELETE", `/api/keys/${(created.body as { key_id: string }).key_id}`);
    await one.call("POST", "/api/keys/rotate", { overlap_seconds: 60 });
    for (const change of [
      { tier: "pro" },
      { rate_limit_per_minute: 9 },
      { suspended: true },
      { suspended: false },
    ]) {
      await world.callAsOperator("PATCH", path, change);
    }
    await world.callAsOperator("POST", `${path}/keys`, {});
    const answer = await world.callAsOperator(
      "GET",
      `/api/admin/audit-log?organization_id=${one.id}&order=asc`,
    );
    expectAnswer(answer, 200, {
      audit_log: [{ id: text, organization_id: one.id, actor: text, action: text, created_at: timestamp }],
    });
    const { audit_log } = answer.body as { audit_log: unknown[] };
    expectEqual("the number of changes", audit_log.length, 9);
  }),
];
