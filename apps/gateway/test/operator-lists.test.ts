import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createId } from "@triggers/domain";
import { type ApiClient, callApi } from "@triggers/testing";
import { type OperatorGateway, startOperatorGateway } from "./start-operator.ts";
import type { TestGateway } from "./start-test-gateway.ts";

let operator: OperatorGateway;
let gateway: TestGateway;

beforeAll(async () => {
  operator = await startOperatorGateway();
  ({ gateway } = operator);
});
afterAll(() => operator.stop());

const pathOf = ({ organizationId }: ApiClient) => `/organizations/${organizationId}`;
const change = (client: ApiClient, body: unknown) => operator.asOperator("PATCH", pathOf(client), body);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe("the operator's lists", () => {
  test("of organizations run through all of them by pages, once each, in both directions", async () => {
    const name = `Paged ${createId()}`;
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const { body } = await callApi(gateway.url, "POST", "/api/keys/generate", {
        organization_name: `${name} ${n}`,
      });
      ids.push(body.organization_id as string);
    }
    for (const [order, expected] of [
      ["asc", ids],
      ["desc", ids.toReversed()],
    ] as const) {
      const seen: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const query = `limit=2&order=${order}&name=${encodeURIComponent(name.toUpperCase())}`;
        const { status, body } = await operator.asOperator(
          "GET",
          `/organizations?${query}${cursor && `&cursor=${cursor}`}`,
        );
        expect(status).toBe(200);
        expect(body.end_cursor).toEqual(expect.any(String));
        expect(body.has_more).toBe(body.next_cursor !== null);
        seen.push(...(body.organizations as { organization_id: string }[]).map((o) => o.organization_id));
        cursor = body.next_cursor as string | null;
      }
      expect(seen).toEqual(expected);
    }
    const nothing = await operator.asOperator("GET", "/organizations?name=%25%25none&tier=pro");
    expect(nothing.body).toEqual({
      organizations: [],
      has_more: false,
      next_cursor: null,
      end_cursor: expect.any(String),
    });
    const past = await operator.asOperator("GET", "/organizations?until=2000-01-01T00:00:00Z");
    expect(past.body.organizations).toEqual([]);
  });

  test.each([
    ["/organizations?limit=0", "limit"],
    ["/organizations?limit=1001", "limit"],
    ["/organizations?cursor=garbage", "cursor"],
    ["/organizations?order=up", "order"],
    ["/organizations?tier=gold", "tier"],
    ["/organizations?name=a%00b", "name"],
    ["/audit-log?organization_id=7", "organization_id"],
    ["/audit-log?actor=operator", "actor"],
    ["/dead-letters?status=unheard", "status"],
    ["/dead-letters?since=yesterday", "since"],
  ])("refuse %s, never clamp", async (path, pointer) => {
    const { status, body } = await operator.asOperator("GET", path);
    expect([status, body.errors]).toEqual([400, [{ pointer, detail: expect.any(String) }]]);
  });
});

test("every change of the operator is in the audit log, which lists one organization's too", async () => {
  const client = await gateway.createClient("free");
  await change(client, { tier: "pro" });
  await change(client, { suspended: true, rate_limit_per_minute: 5 });
  const { body: key } = await operator.asOperator("POST", `${pathOf(client)}/keys`);
  const { status, body } = await operator.asOperator(
    "GET",
    `/audit-log?organization_id=${client.organizationId}`,
  );
  expect(status).toBe(200);
  const entry = { id: expect.any(String), organization_id: client.organizationId, created_at: time };
  const updated = {
    ...entry,
    actor: "operator",
    action: "organization.updated",
    target: client.organizationId,
  };
  const states = [
    { tier: "free", rate_limit_per_minute: null, suspended: false },
    { tier: "pro", rate_limit_per_minute: null, suspended: false },
    { tier: "pro", rate_limit_per_minute: 5, suspended: true },
  ];
  expect(body.audit_log).toEqual([
    {
      ...entry,
      actor: "operator",
      action: "api_key.created",
      target: key.key_id,
      detail: { name: null, scopes: ["admin"], expires_at: null },
    },
    { ...updated, detail: { before: states[1], after: states[2] } },
    { ...updated, detail: { before: states[0], after: states[1] } },
    {
      ...entry,
      actor: "signup",
      action: "organization.created",
      target: client.organizationId,
      detail: expect.anything(),
    },
  ]);
  expect(JSON.stringify(body)).not.toContain(String(key.api_key).split("_")[3]);
  const all = await operator.asOperator("GET", "/audit-log?limit=1");
  expect(all.body.audit_log).toHaveLength(1);
});
