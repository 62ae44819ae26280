import { createId, type OperationalEventType } from "@triggers/domain";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database } from "./connect.ts";
import type { DB } from "./schema.ts";

export interface OperationalEvent {
  /** Of the event that it becomes. */
  id: string;
  organizationId: string;
  type: string;
  /** JSON text. */
  payload: string;
}

/** Whether an enabled endpoint of the organization names this type: what nobody asked for is not made. */
export function isAskedFor(
  organizationId: RawBuilder<unknown>,
  type: OperationalEventType,
): RawBuilder<boolean> {
  const patterns = [type, `${type.split(".")[0] ?? ""}.*`];
  return sql<boolean>`EXISTS (
    SELECT 1 FROM endpoints asking
    WHERE asking.organization_id = ${organizationId} AND asking.deleted_at IS NULL AND asking.enabled
      AND asking.subscriber IS NULL AND asking.event_types && ${patterns}::text[]
  )`;
}

/** The columns of an `operational_events` row as an `OperationalEvent`. */
export const operationalEventColumns = sql.raw(`id, organization_id AS "organizationId", type, payload`);

/** Belongs into the transaction of what it tells of. None when nobody asked for it. */
export async function insertOperationalEvent(
  tx: Kysely<DB>,
  event: { organizationId: string; type: OperationalEventType; payload: Record<string, unknown> },
): Promise<OperationalEvent[]> {
  const { organizationId, type, payload } = event;
  const { rows } = await sql<OperationalEvent>`
    INSERT INTO operational_events (id, organization_id, type, payload)
    SELECT ${createId()}::uuid, ${organizationId}::uuid, ${type}, ${JSON.stringify(payload)}
    WHERE ${isAskedFor(sql`${organizationId}::uuid`, type)}
    RETURNING ${operationalEventColumns}`.execute(tx);
  return rows;
}

/** Those that the queue should have had a minute ago. */
export async function findLateOperationalEvents(db: Database, limit: number): Promise<OperationalEvent[]> {
  const { rows } = await sql<OperationalEvent>`
    SELECT ${operationalEventColumns} FROM operational_events
    WHERE created_at <= now() - interval '1 minute' ORDER BY id LIMIT ${limit}`.execute(db);
  return rows;
}

export async function removeOperationalEvents(db: Database, ids: readonly string[]): Promise<void> {
  await sql`DELETE FROM operational_events WHERE id = ANY(${ids}::uuid[])`.execute(db);
}
