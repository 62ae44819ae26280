import { type DeliveryStatus, DomainError } from "@triggers/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "./connect.ts";
import type { EventRow } from "./events.ts";
import { findAckIntent, recordAckIntent } from "./persist/event-intents.ts";
import { lockFeeds } from "./persist/lock-feeds.ts";
import type { DB } from "./schema.ts";

export type InboxSelection =
  "undelivered" | "acknowledged" | "quarantined" | "all" | Exclude<DeliveryStatus, "none">;

export interface InboxQuery {
  organizationId: string;
  selection: InboxSelection;
  eventType?: string | undefined;
  subscriber?: string | undefined;
  /** Only events beyond this position, in the direction of `order`. */
  after?: number | undefined;
  /** Bounds on the time of acceptance, as ids. */
  sinceId?: string | undefined;
  untilId?: string | undefined;
  order: "asc" | "desc";
  limit: number;
  offset: number;
}

/** A page in the order of persistence. Positions are numbered in commit order, so paging by them misses nothing. */
export async function listInbox(db: Database, query: InboxQuery): Promise<EventRow[]> {
  let rows = db.selectFrom("events").selectAll().where("organization_id", "=", query.organizationId);
  if (query.selection === "undelivered") {
    // The words of the partial index, so that it serves this, the commonest of all lists.
    rows = rows.where(
      sql<boolean>`inbox_status IN ('available', 'leased') AND delivery_status <> 'delivered'`,
    );
  } else if (query.selection === "acknowledged" || query.selection === "quarantined") {
    rows = rows.where("inbox_status", "=", query.selection);
  } else if (query.selection !== "all") {
    rows = rows.where(sql<boolean>`delivery_status = ${query.selection}`);
  }
  if (query.eventType !== undefined) rows = rows.where("type", "=", query.eventType);
  if (query.subscriber !== undefined) rows = rows.where("subscriber", "=", query.subscriber);
  if (query.sinceId !== undefined) rows = rows.where("id", ">=", query.sinceId);
  if (query.untilId !== undefined) rows = rows.where("id", "<", query.untilId);
  if (query.after !== undefined)
    rows = rows.where("position", query.order === "asc" ? ">" : "<", query.after);
  return rows.orderBy("position", query.order).limit(query.limit).offset(query.offset).execute();
}

/** Returns when each event was acknowledged; what is not stored is missing. The first acknowledgement's time stands. */
export async function acknowledgeEvents(
  db: Kysely<DB>,
  organizationId: string,
  eventIds: readonly string[],
): Promise<Map<string, Date>> {
  const { rows } = await sql<{ id: string; acknowledgedAt: Date }>`
    WITH locked AS (
      SELECT id FROM events
      WHERE id = ANY(${eventIds}::uuid[]) AND organization_id = ${organizationId} AND inbox_status <> 'acknowledged'
      ORDER BY id FOR UPDATE
    ), changed AS (
      UPDATE events e SET inbox_status = 'acknowledged', acknowledged_at = now(), updated_at = now(),
        lease_id = NULL, leased_until = NULL
      FROM locked WHERE e.id = locked.id
      RETURNING e.id, e.acknowledged_at
    )
    SELECT id, acknowledged_at AS "acknowledgedAt" FROM changed
    UNION ALL
    SELECT id, acknowledged_at FROM events
    WHERE id = ANY(${eventIds}::uuid[]) AND organization_id = ${organizationId} AND inbox_status = 'acknowledged'
      AND id NOT IN (SELECT id FROM changed)`.execute(db);
  return new Map(rows.map(({ id, acknowledgedAt }) => [id, acknowledgedAt]));
}

/**
 * Acknowledges an event that is accepted but was not found stored: with the organization's feed locked, either its
 * batch has committed by now, or it will find the intent that is left here.
 */
export async function acknowledgeQueuedEvent(
  db: Database,
  organizationId: string,
  eventId: string,
): Promise<Date> {
  return db.transaction().execute(async (tx) => {
    const feeds = await lockFeeds(tx, new Map([[organizationId, 0]]));
    if (!feeds.has(organizationId)) throw new DomainError("not_found", "There is no such event.");
    const stored = await acknowledgeEvents(tx, organizationId, [eventId]);
    return stored.get(eventId) ?? (await recordAckIntent(tx, organizationId, eventId));
  });
}

export { findAckIntent };
