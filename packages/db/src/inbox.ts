import { DomainError } from "@triggers/domain";
import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Database } from "./connect.ts";
import type { EventRow } from "./events.ts";
import { isExhausted, isQuarantined } from "./leases/inbox-status.ts";
import { type EventPageQuery, selectEventPage } from "./list-events.ts";
import { recordAckIntent } from "./persist/event-intents.ts";
import { lockFeeds } from "./persist/lock-feeds.ts";
import type { DB } from "./schema.ts";

export type InboxSelection =
  "undelivered" | "pending" | "retrying" | "failed" | "delivered" | "acknowledged" | "quarantined" | "all";

export type InboxQuery = Omit<EventPageQuery, "dedupId" | "metadata" | "upTo"> & {
  selection: InboxSelection;
  offset: number;
};

/**
 * A page in the order of persistence. `pending`, `failed` and `delivered` are what clients see as an event's `status`;
 * `retrying` is a part of the pending ones.
 */
export async function listInbox(db: Database, query: InboxQuery): Promise<EventRow[]> {
  return selectInbox(db, query).execute();
}

/** The query of `listInbox`, for whoever wants to see its plan. */
export function selectInbox(db: Database, query: InboxQuery) {
  const page = selectEventPage(db, query);
  // An offset of unknown size makes a kept plan look dear, and each page would be planned anew.
  const rows = query.offset === 0 ? page : page.offset(query.offset);
  return conditionsOf(query.selection).reduce((narrowed, condition) => narrowed.where(condition), rows);
}

/** Neither acknowledged nor quarantined. */
const isOpen = sql<boolean>`inbox_status IN ('available', 'leased') AND NOT ${isExhausted}`;
/** With the words of the partial index, so that it serves the commonest of all lists and those that are parts of it. */
const undelivered = sql<boolean>`${isOpen} AND delivery_status <> 'delivered'`;

function conditionsOf(selection: InboxSelection): RawBuilder<boolean>[] {
  switch (selection) {
    case "all":
      return [];
    case "undelivered":
      return [undelivered];
    case "acknowledged":
      return [sql`inbox_status = 'acknowledged'`];
    case "quarantined":
      return [isQuarantined];
    case "pending":
      return [undelivered, sql`delivery_status <> 'failed'`];
    case "retrying":
    case "failed":
      return [undelivered, sql`delivery_status = ${selection}`];
    case "delivered":
      return [isOpen, sql`delivery_status = 'delivered'`];
  }
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
        lease_id = NULL, leased_until = NULL, available_at = NULL
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
