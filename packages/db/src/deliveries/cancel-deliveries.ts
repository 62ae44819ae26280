import { type Kysely, sql } from "kysely";
import type { Database } from "../connect.ts";
import type { DB } from "../schema.ts";
import { deliveryCounts, lockEvents } from "./count-deliveries.ts";

const pageSize = 500;

/**
 * Cancels an endpoint's open deliveries, in pages. A crash between pages leaves the rest to the claim, which cancels
 * what belongs to a deleted endpoint. An attempt in flight loses its claim and records nothing.
 */
export async function cancelOpenDeliveries(
  db: Database,
  organizationId: string,
  endpointId: string,
): Promise<number> {
  let cancelled = 0;
  for (;;) {
    const found = await sql<{ eventId: string }>`
      SELECT event_id AS "eventId" FROM deliveries
      WHERE organization_id = ${organizationId} AND endpoint_id = ${endpointId} AND status IN ('pending', 'retrying')
      LIMIT ${pageSize}`.execute(db);
    if (found.rows.length === 0) return cancelled;
    cancelled += await cancelDeliveriesOf(
      db,
      endpointId,
      found.rows.map(({ eventId }) => eventId),
    );
  }
}

/** The open deliveries of these events to one endpoint. */
export async function cancelDeliveriesOf(
  db: Database,
  endpointId: string,
  eventIds: readonly string[],
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await lockEvents(tx, eventIds);
    return cancelOpenDeliveriesIn(tx, eventIds, endpointId);
  });
}

/** To all endpoints, or to one. The caller holds the events' rows. */
export async function cancelOpenDeliveriesIn(
  tx: Kysely<DB>,
  eventIds: readonly string[],
  endpointId: string | null = null,
): Promise<number> {
  const { rows } = await sql`
      WITH moved AS (
        UPDATE deliveries d SET status = 'cancelled', claim_id = NULL, claimed_until = NULL, updated_at = now()
        FROM (
          SELECT event_id, endpoint_id, status FROM deliveries
          WHERE event_id = ANY(${eventIds}::uuid[]) AND endpoint_id = coalesce(${endpointId}::uuid, endpoint_id)
            AND status IN ('pending', 'retrying')
          ORDER BY event_id, endpoint_id FOR UPDATE
        ) w
        WHERE d.event_id = w.event_id AND d.endpoint_id = w.endpoint_id
        RETURNING d.event_id, w.status AS was, d.status
      ), counted AS (
        UPDATE events e SET ${deliveryCounts.sets}, updated_at = now()
        FROM (SELECT event_id, ${deliveryCounts.sums} FROM moved GROUP BY event_id) c
        WHERE e.id = c.event_id
      )
      SELECT event_id FROM moved`.execute(tx);
  return rows.length;
}
