import { sql } from "kysely";

export interface HeldLease {
  organizationId: string;
  leaseId: string;
}

/**
 * CTE `held`: the ids of the events that a lease holds, all or those that are named, locked in id order as every writer
 * does that waits for rows. A lease that has run out may still be the last that had them: only `isLive` asks for its time.
 */
export function heldEvents(
  { organizationId, leaseId }: HeldLease,
  eventIds?: readonly string[],
  isLive = true,
) {
  return sql`held AS MATERIALIZED (
    SELECT id FROM events
    WHERE organization_id = ${organizationId} AND lease_id = ${leaseId} AND inbox_status = 'leased'
      ${isLive ? sql`AND leased_until > now()` : sql``}
      ${eventIds ? sql`AND id = ANY(${eventIds}::uuid[])` : sql``}
    ORDER BY id FOR UPDATE
  )`;
}

/** The held rows once more, as `h`: the planner looks each up by its key. */
export const fromHeld = sql`unnest(ARRAY(SELECT id FROM held)) AS h (id)`;
