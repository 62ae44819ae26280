import type { InboxStatus } from "@triggers/domain";
import { sql } from "kysely";
import type { Database } from "../connect.ts";
import { currentInboxStatus, isQuarantined } from "./inbox-status.ts";

/**
 * Puts quarantined events back as if they had never been leased. Returns the state in which each event was met: only
 * those that were quarantined have moved; what is not stored is missing.
 */
export async function redriveEvents(
  db: Database,
  organizationId: string,
  eventIds: readonly string[],
): Promise<Map<string, InboxStatus>> {
  const { rows } = await sql<{ id: string; inbox_status: InboxStatus }>`
    WITH held AS MATERIALIZED (
      SELECT id FROM events
      WHERE id = ANY(${eventIds}::uuid[]) AND organization_id = ${organizationId} AND ${isQuarantined}
      ORDER BY id FOR UPDATE
    ), changed AS (
      UPDATE events e SET inbox_status = 'available', lease_count = 0,
        lease_id = NULL, leased_until = NULL, available_at = NULL, updated_at = now()
      FROM unnest(ARRAY(SELECT id FROM held)) AS h (id) WHERE e.id = h.id RETURNING e.id
    )
    SELECT id, 'quarantined' AS inbox_status FROM changed
    UNION ALL
    SELECT id, inbox_status FROM (
      SELECT id, ${currentInboxStatus} FROM events
      WHERE id = ANY(${eventIds}::uuid[]) AND organization_id = ${organizationId}
    ) others WHERE id NOT IN (SELECT id FROM changed)`.execute(db);
  return new Map(rows.map(({ id, inbox_status }) => [id, inbox_status]));
}
