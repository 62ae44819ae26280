import { lowestIdAt, timeOfId } from "@triggers/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "../connect.ts";
import type { DB, DeliveryTable } from "../schema.ts";

export interface EndpointStats {
  /** By status, of the events accepted since then. */
  deliveries: Record<DeliveryTable["status"], number> & { since: Date };
  /** Made since then; the durations in milliseconds, null where there was no attempt. */
  attempts: { total: number; succeeded: number; p50: number | null; p95: number | null; since: Date };
  /** When the event of the oldest open delivery was accepted, however long ago; null when nothing is open. */
  oldestOpenAt: Date | null;
}

const windowMs = 86_400_000;
/** Of an endpoint that gets more, only the latest are counted, and `since` says how far back they reach. */
const maxDeliveries = 100_000;
const maxAttempts = 10_000;
const timeoutMs = 2_000;

/** Costs the same for an endpoint with a thousand deliveries a day and for one with a hundred million. */
export async function readEndpointStats(
  db: Database,
  organizationId: string,
  endpointId: string,
  nowMs: number,
): Promise<EndpointStats> {
  const windowStart = new Date(nowMs - windowMs);
  const scope = sql`organization_id = ${organizationId} AND endpoint_id = ${endpointId}`;
  return db.transaction().execute(async (tx) => {
    await sql`SET LOCAL statement_timeout = ${sql.lit(timeoutMs)}`.execute(tx);
    return {
      deliveries: await countDeliveries(tx, scope, windowStart),
      attempts: await measureAttempts(tx, scope, windowStart),
      oldestOpenAt: await findOldestOpen(tx, scope),
    };
  });
}

type Scope = ReturnType<typeof sql>;

async function countDeliveries(
  tx: Kysely<DB>,
  scope: Scope,
  windowStart: Date,
): Promise<EndpointStats["deliveries"]> {
  const { rows } = await sql<{ status: DeliveryTable["status"]; count: number; oldest: string }>`
    SELECT status, count(*) AS count, min(event_id::text COLLATE "C") AS oldest
    FROM (
      SELECT status, event_id FROM deliveries
      WHERE ${scope} AND event_id >= ${lowestIdAt(windowStart.getTime())}
      ORDER BY event_id DESC LIMIT ${maxDeliveries}
    ) latest
    GROUP BY status`.execute(tx);
  const counts = { pending: 0, retrying: 0, delivered: 0, failed: 0, skipped: 0, cancelled: 0 };
  for (const { status, count } of rows) counts[status] = count;
  const isCut = rows.reduce((sum, { count }) => sum + count, 0) === maxDeliveries;
  const oldest = Math.min(...rows.map((row) => timeOfId(row.oldest)));
  return { ...counts, since: isCut ? new Date(oldest) : windowStart };
}

async function measureAttempts(
  tx: Kysely<DB>,
  scope: Scope,
  windowStart: Date,
): Promise<EndpointStats["attempts"]> {
  const { rows } = await sql<EndpointStats["attempts"] & { oldest: Date | null }>`
    SELECT count(*) AS total, count(*) FILTER (WHERE error_code IS NULL) AS succeeded,
      percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) AS p50,
      percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95,
      min(started_at) AS oldest
    FROM (
      SELECT started_at, duration_ms, error_code FROM attempts
      WHERE ${scope} AND started_at >= ${windowStart}
      ORDER BY started_at DESC LIMIT ${maxAttempts}
    ) latest`.execute(tx);
  const { total = 0, succeeded = 0, p50 = null, p95 = null, oldest = null } = rows[0] ?? {};
  return { total, succeeded, p50, p95, since: total === maxAttempts && oldest ? oldest : windowStart };
}

async function findOldestOpen(tx: Kysely<DB>, scope: Scope): Promise<Date | null> {
  const { rows } = await sql<{ eventId: string }>`
    SELECT event_id AS "eventId" FROM deliveries
    WHERE ${scope} AND status IN ('pending', 'retrying')
    ORDER BY event_id LIMIT 1`.execute(tx);
  return rows[0] ? new Date(timeOfId(rows[0].eventId)) : null;
}
