import { sql } from "kysely";
import type { Database } from "../connect.ts";
import { fromHeld, type HeldLease, heldEvents } from "./held-events.ts";

/**
 * Acknowledges what a lease holds, all or those that are named. A lease whose time is over still counts as long as
 * nobody else has leased the event since: the work is done, and doing it again would help nobody. Returns when each
 * event was acknowledged, by this call or an earlier one; null where the lease does not hold it any more; what is not
 * stored is missing.
 */
export async function acknowledgeLease(
  db: Database,
  lease: HeldLease,
  eventIds?: readonly string[],
): Promise<Map<string, Date | null>> {
  const { rows } = await sql<{ id: string; acknowledgedAt: Date | null }>`
    WITH ${heldEvents(lease, eventIds, false)}, changed AS (
      UPDATE events e SET inbox_status = 'acknowledged', acknowledged_at = now(), updated_at = now(),
        lease_id = NULL, leased_until = NULL, available_at = NULL
      FROM ${fromHeld} WHERE e.id = h.id RETURNING e.id, e.acknowledged_at
    )
    SELECT id, acknowledged_at AS "acknowledgedAt" FROM changed
    UNION ALL
    SELECT id, acknowledged_at FROM events
    WHERE id = ANY(${eventIds ?? []}::uuid[]) AND organization_id = ${lease.organizationId}
      AND id NOT IN (SELECT id FROM changed)`.execute(db);
  return new Map(rows.map(({ id, acknowledgedAt }) => [id, acknowledgedAt]));
}
