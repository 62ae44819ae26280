import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { leasableStatement, type LeaseRequest, leaseStatement, selectInbox } from "@triggers/db";
import { createId, createLeaseId } from "@triggers/domain";
import { runSql } from "@triggers/testing";
import { type Consumer, startTestInbox, type TestInbox } from "./start-inbox.ts";

let inbox: TestInbox;
let consumer: Consumer;
let url: string;
beforeAll(async () => {
  inbox = await startTestInbox();
  consumer = await inbox.createConsumer();
  url = inbox.gateway.settings.DATABASE_URL ?? "";
  const id = consumer.organizationId;
  for (let n = 0; n < 5; n++) await consumer.store(5_000);
  // Before the first one that is available: acknowledged ones, leased ones, quarantined ones and dead rows of all.
  await runSql(
    url,
    `UPDATE events SET inbox_status = 'leased', lease_id = id, leased_until = now() + interval '1 hour',
       available_at = now() + interval '1 hour' WHERE organization_id = '${id}' AND position <= 24000`,
    `UPDATE events SET inbox_status = 'acknowledged', acknowledged_at = now(), lease_id = NULL
     WHERE organization_id = '${id}' AND position <= 16000`,
    `UPDATE events SET available_at = NULL, leased_until = now() - interval '1 hour'
     WHERE organization_id = '${id}' AND position BETWEEN 16001 AND 20000`,
    "ANALYZE events",
  );
  // After the last look at the statistics, which know of no other type.
  await consumer.store(20, { type: "rare" });
});
afterAll(() => inbox.stop());

interface Plan {
  "Node Type": string;
  "Index Name"?: string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Rows Removed by Filter"?: number;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: Plan[];
}
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
const literal = (value: unknown): string =>
  Array.isArray(value)
    ? `'{${value.map((member) => JSON.stringify(member)).join(",")}}'`
    : typeof value === "string"
      ? `'${value}'`
      : String(value);

async function planOfLease(more: Partial<LeaseRequest>): Promise<Plan> {
  const { organizationId } = consumer;
  const request = { organizationId, leaseId: createLeaseId(organizationId), limit: 50, leaseSeconds: 60 };
  return planOf(
    leaseStatement({
      ...{ ...request, hasWebhookEvents: false, maxLeases: 5 },
      ...more,
    }).compile(inbox.db),
  );
}

/** What Postgres does for this statement when it keeps one plan for all, as it does after the first few. */
async function planOf({ sql, parameters }: { sql: string; parameters: readonly unknown[] }): Promise<Plan> {
  const [row] = await runSql<{ "QUERY PLAN": [{ Plan: Plan }] }>(
    url,
    "SET plan_cache_mode = force_generic_plan",
    `PREPARE statement AS ${sql}`,
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE statement (${parameters.map(literal).join(", ")})`,
  );
  if (!row) throw new Error("there is no plan");
  return row["QUERY PLAN"][0].Plan;
}

/** The indexes of the whole table that the scans of its partitions go through; a scan without one is named as it is. */
async function accessesOf(plan: Plan): Promise<Set<string>> {
  const parents = await runSql<{ child: string; parent: string }>(
    url,
    `SELECT child.relname AS child, parent.relname AS parent FROM pg_inherits
     JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent`,
  );
  const parentOf = new Map(parents.map(({ child, parent }) => [child, parent]));
  // Days without events are as cheap one way as another.
  const isOfToday = (node: Plan) => node["Actual Rows"] > 0 || (node["Rows Removed by Filter"] ?? 0) > 0;
  const scans = nodesOf(plan).filter(
    (node) => /^(Seq|Index|Bitmap)/.test(node["Node Type"]) && isOfToday(node),
  );
  return new Set(
    scans.map(
      (node) => parentOf.get(node["Index Name"] ?? "") ?? `${node["Node Type"]} ${node["Relation Name"]}`,
    ),
  );
}

test.each<[string, Partial<LeaseRequest>, string]>([
  ["of events without webhooks", {}, "events_to_lease"],
  ["of some types", { eventTypes: ["a", "user.*"] }, "events_to_lease"],
  ["of webhook events too", { hasWebhookEvents: true }, "events_available"],
])("a lease %s reads what it takes, and nothing that is over or held", async (_name, more, index) => {
  const plan = await planOfLease(more);
  expect([...(await accessesOf(plan))].sort()).toEqual([index, "events_pkey"].sort());
  const nodes = nodesOf(plan);
  expect(plan["Actual Rows"]).toBe(50);
  expect(nodes.reduce((sum, node) => sum + (node["Rows Removed by Filter"] ?? 0), 0)).toBe(0);
  // Nothing is sorted but the answer.
  const sorts = nodes.filter((node) => node["Node Type"] === "Sort").map((node) => node["Actual Rows"]);
  expect(Math.max(...sorts)).toBeLessThanOrEqual(50);
});

test("a lease for an organization without events reads next to nothing", async () => {
  const plan = await planOfLease({ organizationId: createId() });
  expect(plan["Actual Rows"]).toBe(0);
  expect(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]).toBeLessThan(100);
});

test.each([
  ["undelivered", "events_undelivered"],
  ["all", "events_feed"],
] as const)("a page of %s reads its own rows, however deep it is", async (selection, index) => {
  const { organizationId } = consumer;
  const page = { organizationId, selection, after: 20_000, order: "asc" as const, limit: 101, offset: 0 };
  const plan = await planOf(selectInbox(inbox.db, page).compile());
  expect([...(await accessesOf(plan))]).toEqual([index]);
  const nodes = nodesOf(plan);
  expect(plan["Actual Rows"]).toBe(101);
  expect(nodes.reduce((sum, node) => sum + (node["Rows Removed by Filter"] ?? 0), 0)).toBe(0);
  expect(nodes.filter((node) => node["Node Type"] === "Sort")).toEqual([]);
});

test.each([
  ["undelivered", "events_undelivered_by_type"],
  ["all", "events_by_type"],
] as const)(
  "a page of one type of %s reads its own rows, however rare they are",
  async (selection, index) => {
    const { organizationId } = consumer;
    const page = { organizationId, selection, eventType: "rare", limit: 101, offset: 0 };
    for (const [order, after] of [
      ["asc", 20_000],
      ["desc", 30_000],
    ] as const) {
      const plan = await planOf(selectInbox(inbox.db, { ...page, order, after }).compile());
      expect([...(await accessesOf(plan))]).toEqual([index]);
      expect(plan["Actual Rows"]).toBe(20);
      expect(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]).toBeLessThan(200);
    }
  },
);

test("a lease of a rare type reads that type's rows", async () => {
  const { organizationId } = consumer;
  const plan = await planOf(leasableStatement(organizationId, ["rare", "none.*"], 1_050).compile(inbox.db));
  expect([...(await accessesOf(plan))]).toEqual(["events_undelivered_by_type"]);
  expect(plan["Actual Rows"]).toBe(20);
  expect(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]).toBeLessThan(200);
});

test("a lease of known events looks them up by their ids, in a feed of any length", async () => {
  const { organizationId } = consumer;
  const rows = await runSql<{ id: string }>(
    url,
    "SELECT id FROM events WHERE type = 'rare' ORDER BY position",
  );
  const request = { organizationId, leaseId: createLeaseId(organizationId), limit: 5, leaseSeconds: 60 };
  const statement = leaseStatement(
    { ...request, hasWebhookEvents: false, maxLeases: 5, eventTypes: ["rare"] },
    rows.map(({ id }) => id),
  );
  const { sql: text, parameters } = statement.compile(inbox.db);
  const plan = await planOf({ sql: text, parameters });
  const indexes = [...(await accessesOf(plan))].filter((access) => !access.startsWith("Bitmap Heap"));
  expect(indexes).toEqual(["events_pkey"]);
  expect(plan["Actual Rows"]).toBe(5);
});
