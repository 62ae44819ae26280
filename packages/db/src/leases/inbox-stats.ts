import { sql } from "kysely";
import type { Database } from "../connect.ts";

export interface InboxStats {
  /** What a lease without webhook events would find now. */
  available: number;
  leased: number;
  quarantined: number;
  /** Of the event that has been available the longest, by its id; null when none is. */
  oldestId: string | null;
  /** By Postgres' clock, in ms since 1970. */
  nowMs: number;
  /** Whether a figure is more than `countedAtMost` and so not counted to its end. */
  isEstimated: boolean;
}

/** Rows of an index that are counted one by one: a few milliseconds, however many there are. */
export const countedAtMost = 10_000;

interface Counts {
  fresh: number;
  first: number | null;
  last: number | null;
  feedEnd: number | null;
  returned: number;
  leased: number;
  quarantined: number;
  oldestFreshId: string | null;
  oldestReturnedId: string | null;
  nowMs: number;
}

const isToLease = sql`inbox_status = 'available' AND delivery_status IN ('none', 'failed')`;
const hasReturned = sql`inbox_status = 'leased' AND available_at <= now() AND delivery_status IN ('none', 'failed')`;

/**
 * An organization's figures, each counted in an index of its own and up to a bound. Beyond it `available` goes on as
 * densely to the feed's end as it began, which is exact where nothing but this inbox is used; the others stay at the bound.
 */
export async function readInboxStats(db: Database, organizationId: string): Promise<InboxStats> {
  const isOwn = sql`organization_id = ${organizationId}`;
  const count = (condition: ReturnType<typeof sql>) =>
    sql`(SELECT count(*) FROM (SELECT FROM events WHERE ${isOwn} AND ${condition} LIMIT ${countedAtMost}) c)`;
  const { rows } = await sql<Counts>`
    SELECT fresh.*,
      (SELECT last_position FROM feeds WHERE ${isOwn}) AS "feedEnd",
      (SELECT id FROM events WHERE ${isOwn} AND ${isToLease} ORDER BY position + 0 LIMIT 1) AS "oldestFreshId",
      returned.*,
      ${count(sql`inbox_status = 'leased' AND available_at > now()`)}
        + ${count(sql`inbox_status = 'leased' AND available_at IS NULL AND leased_until > now()`)} AS leased,
      ${count(sql`inbox_status = 'quarantined'`)}
        + ${count(sql`inbox_status = 'leased' AND available_at IS NULL AND leased_until <= now()`)} AS quarantined,
      (extract(epoch FROM now()) * 1000)::float8 AS "nowMs"
    FROM (
      SELECT count(*) AS fresh, min(position) AS first, max(position) AS last
      FROM (SELECT position FROM events WHERE ${isOwn} AND ${isToLease} ORDER BY position + 0 LIMIT ${countedAtMost}) c
    ) fresh, (
      SELECT count(*) AS returned, min(id::text) AS "oldestReturnedId"
      FROM (SELECT id FROM events WHERE ${isOwn} AND ${hasReturned} ORDER BY available_at LIMIT ${countedAtMost}) c
    ) returned`.execute(db);
  const [counts] = rows;
  if (!counts) throw new Error("the figures of an inbox are one row");
  const { oldestFreshId, oldestReturnedId, leased, quarantined, nowMs } = counts;
  const ids = [oldestFreshId, oldestReturnedId].filter((id) => id !== null);
  return {
    available: counts.returned + counts.fresh + beyond(counts),
    leased,
    quarantined,
    oldestId: ids.sort()[0] ?? null,
    nowMs,
    isEstimated: [counts.fresh, counts.returned, leased, quarantined].some((n) => n >= countedAtMost),
  };
}

/** What lies behind the last event that was counted, if the counting stopped there. */
function beyond({ fresh, first, last, feedEnd }: Counts): number {
  if (fresh < countedAtMost || first === null || last === null || feedEnd === null) return 0;
  return Math.round((Math.max(0, feedEnd - last) * fresh) / (last - first + 1));
}

export interface InboxTotals {
  available: number;
  leased: number;
  quarantined: number;
  oldestPersistedAgeSeconds: number;
}

/** Where the figures of the whole system stop counting. */
export const totalsCountedAtMost = 100_000;

/** Over all organizations, for whoever watches the system; the age is 0 when nothing is available. */
export async function readInboxTotals(db: Database): Promise<InboxTotals> {
  const some = (columns: ReturnType<typeof sql>, condition: ReturnType<typeof sql>) =>
    sql`(SELECT ${columns} FROM events WHERE ${condition} LIMIT ${totalsCountedAtMost})`;
  const count = (condition: ReturnType<typeof sql>) =>
    sql`(SELECT count(*) FROM ${some(sql``, condition)} c)`;
  const { rows } = await sql<InboxTotals>`
    SELECT available.*,
      ${count(sql`inbox_status = 'leased' AND coalesce(available_at, leased_until) > now()`)} AS leased,
      ${count(sql`inbox_status = 'quarantined'`)}
        + ${count(sql`inbox_status = 'leased' AND available_at IS NULL AND leased_until <= now()`)} AS quarantined
    FROM (
      SELECT count(*) AS available,
        coalesce(extract(epoch FROM now() - min(persisted_at)), 0)::float8 AS "oldestPersistedAgeSeconds"
      FROM (
        ${some(sql`persisted_at`, isToLease)} UNION ALL ${some(sql`persisted_at`, hasReturned)}
      ) c
    ) available`.execute(db);
  const [totals] = rows;
  if (!totals) throw new Error("the figures of all inboxes are one row");
  return totals;
}
