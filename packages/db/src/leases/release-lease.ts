import { sql } from "kysely";
import type { Database } from "../connect.ts";
import { fromHeld, type HeldLease, heldEvents } from "./held-events.ts";

/**
 * Gives events back, at once or after a delay; those on their last lease are quarantined. Returns the ids of those that
 * the lease held. While it waits for its delay an event is nobody's, and still counts as leased.
 */
export async function releaseLease(
  db: Database,
  lease: HeldLease,
  options: { eventIds?: readonly string[] | undefined; delaySeconds: number },
): Promise<Set<string>> {
  const { eventIds, delaySeconds } = options;
  const { rows } = await sql<{ id: string }>`
    WITH ${heldEvents(lease, eventIds)}
    UPDATE events e SET
      inbox_status = CASE
        WHEN e.available_at IS NULL THEN 'quarantined' WHEN ${delaySeconds}::int > 0 THEN 'leased' ELSE 'available' END,
      available_at = CASE WHEN e.available_at IS NOT NULL AND ${delaySeconds}::int > 0
        THEN now() + make_interval(secs => ${delaySeconds}::int) END,
      lease_id = NULL, leased_until = NULL, updated_at = now()
    FROM ${fromHeld} WHERE e.id = h.id RETURNING e.id`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Undoes a lease that nobody received: it does not count either. */
export async function undoLease(db: Database, lease: HeldLease): Promise<void> {
  await sql`
    WITH ${heldEvents(lease)}
    UPDATE events e SET inbox_status = 'available', lease_count = e.lease_count - 1,
      available_at = NULL, lease_id = NULL, leased_until = NULL, updated_at = now()
    FROM ${fromHeld} WHERE e.id = h.id`.execute(db);
}
