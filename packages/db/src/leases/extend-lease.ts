import { sql } from "kysely";
import type { Database } from "../connect.ts";
import { fromHeld, type HeldLease, heldEvents } from "./held-events.ts";

/** From now on for so many seconds, also fewer than were left. Undefined when it holds nothing any more. */
export async function extendLease(
  db: Database,
  lease: HeldLease,
  leaseSeconds: number,
): Promise<{ leasedUntil: Date; events: number } | undefined> {
  const { rows } = await sql<{ leasedUntil: Date }>`
    WITH ${heldEvents(lease)}
    UPDATE events e SET leased_until = now() + make_interval(secs => ${leaseSeconds}),
      available_at = CASE WHEN e.available_at IS NOT NULL
        THEN now() + make_interval(secs => ${leaseSeconds}) END,
      updated_at = now()
    FROM ${fromHeld} WHERE e.id = h.id RETURNING e.leased_until AS "leasedUntil"`.execute(db);
  const [first] = rows;
  return first && { leasedUntil: first.leasedUntil, events: rows.length };
}

/** Whether the lease still holds anything. */
export async function isLeaseLive(db: Database, { organizationId, leaseId }: HeldLease): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM events
    WHERE organization_id = ${organizationId} AND lease_id = ${leaseId} AND inbox_status = 'leased'
      AND leased_until > now() LIMIT 1`.execute(db);
  return rows.length > 0;
}
