import type { EventStatus } from "@triggers/domain";
import { sql } from "kysely";
import type { Database } from "./connect.ts";
import type { EventRow } from "./events.ts";
import { currentInboxStatus, isExhausted, isQuarantined } from "./leases/inbox-status.ts";

/** A page of one organization's events in the order of their positions; what is undefined filters nothing. */
export interface EventPageQuery {
  organizationId: string;
  eventType?: string | undefined;
  subscriber?: string | undefined;
  dedupId?: string | undefined;
  /** All of these pairs. */
  metadata?: Record<string, string> | undefined;
  /** Only events beyond this position, in the direction of `order`. */
  after?: number | undefined;
  /** No position above this one. */
  upTo?: number | undefined;
  /** Bounds on the time of acceptance, as ids. */
  sinceId?: string | undefined;
  untilId?: string | undefined;
  order: "asc" | "desc";
  limit: number;
}

/**
 * Written into the statement: Postgres then knows that few rows are wanted and keeps one plan for all. With a parameter
 * it plans each page anew, which takes longer than to read it. Other limits stay parameters, or there were a plan for each.
 */
const commonLimits = new Set([64, 101, 500, 501, 1_001]);

/** Positions are numbered in commit order, so paging by them misses nothing. */
export function selectEventPage(db: Database, query: EventPageQuery) {
  // In the words of the index by type, which no other index has.
  const position = query.eventType === undefined ? sql<number>`position` : sql<number>`0 + position`;
  let rows = db
    .selectFrom("events")
    .selectAll()
    .select(currentInboxStatus)
    .where("organization_id", "=", query.organizationId);
  if (query.eventType !== undefined) rows = rows.where(sql<boolean>`type COLLATE "C" = ${query.eventType}`);
  if (query.subscriber !== undefined) rows = rows.where("subscriber", "=", query.subscriber);
  if (query.dedupId !== undefined) rows = rows.where("dedup_id", "=", query.dedupId);
  if (query.metadata !== undefined)
    rows = rows.where(sql<boolean>`metadata @> ${JSON.stringify(query.metadata)}::jsonb`);
  if (query.sinceId !== undefined) rows = rows.where("id", ">=", query.sinceId);
  if (query.untilId !== undefined) rows = rows.where("id", "<", query.untilId);
  if (query.after !== undefined) rows = rows.where(position, query.order === "asc" ? ">" : "<", query.after);
  if (query.upTo !== undefined) rows = rows.where(position, "<=", query.upTo);
  const limit = commonLimits.has(query.limit) ? sql.lit(query.limit) : query.limit;
  return rows.orderBy(position, query.order).limit(limit);
}

export type StoredEventStatus = Exclude<EventStatus, "accepted">;

/** By the summary that clients see as `status` (`eventStatusOf` in the domain says the same of one event). */
export async function listEvents(
  db: Database,
  query: EventPageQuery & { status?: StoredEventStatus | undefined },
): Promise<EventRow[]> {
  const page = selectEventPage(db, query);
  switch (query.status) {
    case undefined:
      return page.execute();
    case "acknowledged":
      return page.where("inbox_status", "=", query.status).execute();
    case "quarantined":
      return page.where(isQuarantined).execute();
    case "failed":
    case "delivered":
      return page
        .where("inbox_status", "in", ["available", "leased"])
        .where(sql<boolean>`NOT ${isExhausted}`)
        .where(sql<boolean>`delivery_status = ${query.status}`)
        .execute();
    case "pending":
      return page
        .where("inbox_status", "in", ["available", "leased"])
        .where(sql<boolean>`NOT ${isExhausted}`)
        .where(sql<boolean>`delivery_status NOT IN ('failed', 'delivered')`)
        .execute();
  }
}

/** The position of the newest event; 0 before the first one. */
export async function lastPosition(db: Database, organizationId: string): Promise<number> {
  const feed = await db
    .selectFrom("feeds")
    .select("last_position")
    .where("organization_id", "=", organizationId)
    .executeTakeFirst();
  return feed?.last_position ?? 0;
}
