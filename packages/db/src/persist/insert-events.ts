import { type Kysely, sql } from "kysely";
import type { DB } from "../schema.ts";

export interface NewEvent {
  id: string;
  organizationId: string;
  position: number;
  type: string;
  /** JSON text as it was sent; null when it was erased before it came here. */
  payload: string | null;
  dedupId: string | null;
  subscriber: string | null;
  metadata: Record<string, string> | null;
  /** JSON text of a CloudEvent's attributes. */
  cloudevent: string | null;
  occurredAt: Date | null;
  acknowledgedAt: Date | null;
  erasedAt: Date | null;
  pendingDeliveries: number;
  skippedDeliveries: number;
}

/**
 * Inserts the rows, sorted by id, in one statement of one shape, and returns the ids of those that were new: an
 * event whose job runs again is left as it is. Arrays have no limit of 65 535 bind values.
 */
export async function insertEvents(tx: Kysely<DB>, events: readonly NewEvent[]): Promise<Set<string>> {
  const column = <T>(value: (event: NewEvent) => T) => events.map(value);
  const { rows } = await sql<{ id: string }>`
    INSERT INTO events (id, organization_id, position, type, payload, dedup_id, subscriber, metadata, cloudevent,
      occurred_at, acknowledged_at, erased_at, inbox_status, pending_deliveries, skipped_deliveries)
    SELECT id, organization_id, position, type, payload, dedup_id, subscriber, metadata, cloudevent,
      occurred_at, acknowledged_at, erased_at, CASE WHEN acknowledged_at IS NULL THEN 'available' ELSE 'acknowledged' END,
      pending, skipped
    FROM unnest(
      ${column((e) => e.id)}::uuid[], ${column((e) => e.organizationId)}::uuid[],
      ${column((e) => e.position)}::bigint[], ${column((e) => e.type)}::text[], ${column((e) => e.payload)}::text[],
      ${column((e) => e.dedupId)}::text[], ${column((e) => e.subscriber)}::text[],
      ${column((e) => (e.metadata === null ? null : JSON.stringify(e.metadata)))}::jsonb[],
      ${column((e) => e.cloudevent)}::text[],
      ${column((e) => e.occurredAt)}::timestamptz[], ${column((e) => e.acknowledgedAt)}::timestamptz[],
      ${column((e) => e.erasedAt)}::timestamptz[],
      ${column((e) => e.pendingDeliveries)}::smallint[], ${column((e) => e.skippedDeliveries)}::smallint[]
    ) AS batch (id, organization_id, position, type, payload, dedup_id, subscriber, metadata, cloudevent,
      occurred_at, acknowledged_at, erased_at, pending, skipped)
    ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}
