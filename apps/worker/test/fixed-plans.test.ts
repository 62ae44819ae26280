import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  claimDeliveries,
  createDatabase,
  createPartitions,
  type Database,
  daysAhead,
  findClaimHeldMs,
  insertDeliveries,
  parkDeliveries,
  recordAttempts,
  renewClaims,
  returnClaims,
} from "@triggers/db";
import { createEventId, createId, deliveryIdOf } from "@triggers/domain";
import { createTestDatabase, type TestDatabase } from "@triggers/testing";
let database: TestDatabase;
let db: Database;
/** Of the first and the last of very many events. */
let ends: { eventId: string; endpointId: string; claimId: string; scheduleStep: number; isManual: boolean }[];

beforeAll(async () => {
  database = await createTestDatabase();
  // As the worker has it.
  db = createDatabase({
    ...{ url: database.url, applicationName: "tests", maxConnections: 1, hasFixedPlans: true },
    onConnectionError: () => undefined,
  });
  await createPartitions(db, daysAhead(Date.now(), 2));
  const [organizationId, endpointId] = [createId(), createId()];
  const eventIds = Array.from({ length: 3_000 }, () => createEventId(Date.now()));
  await db
    .insertInto("events")
    .values(
      eventIds.map((id, index) => ({
        ...{ id, organization_id: organizationId, position: index + 1, type: "order.created", payload: "{}" },
        pending_deliveries: 1,
      })),
    )
    .execute();
  await insertDeliveries(
    db,
    eventIds.map((eventId) => ({
      ...{ id: deliveryIdOf(eventId, endpointId), eventId, endpointId, organizationId },
      ...{ status: "pending" as const, isParked: false },
    })),
  );
  ends = [eventIds[0], eventIds.at(-1)].map((eventId = "") => ({
    ...{ eventId, endpointId, claimId: createId(), scheduleStep: 0, isManual: false },
  }));
});

afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** How many rows of events and deliveries a statement looks at. */
function rowsReadBy(run: (tx: Database) => Promise<unknown>): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const before = await countRowsRead(tx);
    await run(tx);
    return (await countRowsRead(tx)) - before;
  });
}

/** What this connection has read since Postgres last collected its figures, which it does between transactions. */
async function countRowsRead(tx: Database): Promise<number> {
  const tables = await tx
    .$extendTables<{
      pg_stat_xact_user_tables: { relname: string; seq_tup_read: number; idx_tup_fetch: number | null };
    }>()
    .selectFrom("pg_stat_xact_user_tables")
    .selectAll()
    .execute();
  return tables
    .filter(({ relname }) => /^(events|deliveries)/.test(relname))
    .reduce((sum, { seq_tup_read, idx_tup_fetch }) => sum + seq_tup_read + (idx_tup_fetch ?? 0), 0);
}

test("what the worker writes of a few deliveries reads these few, however many lie between them", async () => {
  const steps: [string, (tx: Database) => Promise<unknown>][] = [
    ["park", (tx) => parkDeliveries(tx, ends)],
    ["claim", (tx) => claimDeliveries(tx, ends, 60_000)],
    ["renew", (tx) => renewClaims(tx, ends, 60_000)],
    ["return", (tx) => returnClaims(tx, ends)],
    ["claim again", (tx) => claimDeliveries(tx, ends, 60_000)],
    ["held", (tx) => Promise.all(ends.map((end) => findClaimHeldMs(tx, end)))],
    [
      "record",
      (tx) =>
        recordAttempts(
          tx,
          ends.map((claim) => ({
            ...claim,
            ...{ trigger: "schedule", startedAt: new Date(), durationMs: 1, responseStatus: 200 },
            ...{ errorCode: null, errorDetail: null, responseHeaders: {}, responseBody: Buffer.of() },
            ...{ status: "delivered", failureId: createId(), isInterrupted: false, delayMs: null },
          })),
          0,
        ),
    ],
  ];
  const read: Record<string, number> = {};
  for (const [name, run] of steps) read[name] = await rowsReadBy(run);
  const tooMany = Object.entries(read).filter(([, rows]) => rows > 20);
  expect(tooMany).toEqual([]);
});
