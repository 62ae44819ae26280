import { sql } from "kysely";
import type { Database } from "../connect.ts";
import type { ParkedAs } from "../schema.ts";
import { type DueDelivery, dueDeliveryColumns } from "./sweep-deliveries.ts";

/**
 * Leaves deliveries that found no room in Redis to the backlog, where no sweep looks at them again. What somebody holds
 * is passed by: it is being attempted, or the sweeper offers it again in a minute.
 */
export async function parkDeliveries(
  db: Database,
  deliveries: readonly Pick<DueDelivery, "eventId" | "endpointId" | "scheduleStep">[],
): Promise<void> {
  const span = spanOf(deliveries);
  const column = <T>(value: (delivery: (typeof deliveries)[number]) => T) => deliveries.map(value);
  await sql`
    UPDATE deliveries d
    SET sweep_at = 'infinity', parked_as = CASE WHEN d.schedule_step = 0 THEN 'first' ELSE 'retry' END
    FROM (
      SELECT l.event_id, l.endpoint_id
      FROM deliveries l
      JOIN unnest(${column((d) => d.eventId)}::uuid[], ${column((d) => d.endpointId)}::uuid[],
        ${column((d) => d.scheduleStep)}::int[]) AS r (event_id, endpoint_id, schedule_step)
        ON l.event_id = r.event_id AND l.endpoint_id = r.endpoint_id AND l.schedule_step = r.schedule_step
      WHERE l.event_id BETWEEN ${span.first} AND ${span.last} AND l.status IN ('pending', 'retrying') AND (l.claimed_until IS NULL OR l.claimed_until <= now())
      FOR UPDATE OF l SKIP LOCKED
    ) free
    WHERE d.event_id = free.event_id AND d.endpoint_id = free.endpoint_id
      AND d.event_id BETWEEN ${span.first} AND ${span.last}`.execute(db);
}

export interface ParkedQuery {
  organizationId: string;
  endpointId: string;
  parkedAs: ParkedAs;
  limit: number;
  /** Only those that are due by then. */
  horizonMs: number;
}

/**
 * An endpoint's longest due deliveries in the backlog, also those whose jobs are in Redis: they stay in the backlog until
 * an attempt is recorded, so nothing is written when they come out of it and a crash loses nothing. Those that are being
 * attempted are left out. A disabled endpoint's stay; a deleted one's come out, to be cancelled.
 */
export async function findParkedDeliveries(db: Database, query: ParkedQuery): Promise<DueDelivery[]> {
  const { rows } = await sql<DueDelivery>`
    SELECT ${dueDeliveryColumns} FROM deliveries d
    WHERE organization_id = ${query.organizationId} AND endpoint_id = ${query.endpointId}
      AND parked_as = ${query.parkedAs} AND status IN ('pending', 'retrying')
      AND next_attempt_at <= now() + make_interval(secs => ${query.horizonMs / 1000}::float8)
      AND (claimed_until IS NULL OR claimed_until <= now())
      AND NOT EXISTS (
        SELECT 1 FROM endpoints WHERE id = ${query.endpointId} AND NOT enabled AND deleted_at IS NULL
      )
    ORDER BY next_attempt_at LIMIT ${query.limit}`.execute(db);
  return rows;
}

/** That an endpoint has deliveries parked. */
export interface Backlog {
  organizationId: string;
  endpointId: string;
  parkedAs: ParkedAs;
  maxInFlight: number;
  /** False while the endpoint is disabled. */
  isOpen: boolean;
}

/** A page of the endpoints with a backlog, in a fixed order after `after`: one step in the index for each, whatever its size. */
export async function findBacklogs(
  db: Database,
  after: Pick<Backlog, "organizationId" | "endpointId" | "parkedAs"> | undefined,
  limit: number,
): Promise<Backlog[]> {
  const nil = "00000000-0000-0000-0000-000000000000";
  const { rows } = await sql<Backlog>`
    WITH RECURSIVE backlog AS (
      (
        SELECT organization_id, endpoint_id, parked_as FROM deliveries
        WHERE parked_as IS NOT NULL AND status IN ('pending', 'retrying')
          AND (organization_id, endpoint_id, parked_as)
            > (${after?.organizationId ?? nil}::uuid, ${after?.endpointId ?? nil}::uuid, ${after?.parkedAs ?? ""}::text)
        ORDER BY organization_id, endpoint_id, parked_as LIMIT 1
      )
      UNION ALL
      SELECT n.* FROM backlog b CROSS JOIN LATERAL (
        SELECT organization_id, endpoint_id, parked_as FROM deliveries
        WHERE parked_as IS NOT NULL AND status IN ('pending', 'retrying')
          AND (organization_id, endpoint_id, parked_as) > (b.organization_id, b.endpoint_id, b.parked_as)
        ORDER BY organization_id, endpoint_id, parked_as LIMIT 1
      ) n
    )
    SELECT b.organization_id AS "organizationId", b.endpoint_id AS "endpointId", b.parked_as AS "parkedAs",
      coalesce(e.max_in_flight, 1) AS "maxInFlight",
      coalesce(e.enabled OR e.deleted_at IS NOT NULL, true) AS "isOpen"
    FROM (SELECT * FROM backlog LIMIT ${limit}) b LEFT JOIN endpoints e ON e.id = b.endpoint_id
    ORDER BY b.organization_id, b.endpoint_id, b.parked_as`.execute(db);
  return rows;
}

/** Keeps a statement out of the days that none of its events is of. */
function spanOf(deliveries: readonly Pick<DueDelivery, "eventId">[]) {
  const ids = deliveries.map(({ eventId }) => eventId).sort();
  return { first: ids[0], last: ids.at(-1) };
}
