import { operationalEventTypes } from "@triggers/domain";
import { sql } from "kysely";
import type { Database } from "../connect.ts";
import type { EventRow } from "../events.ts";
import { findLeasable } from "./find-leasable.ts";

export interface LeaseRequest {
  organizationId: string;
  leaseId: string;
  limit: number;
  leaseSeconds: number;
  /** Patterns; undefined takes every type. */
  eventTypes?: readonly string[] | undefined;
  /** Also events that a webhook delivers, or has delivered. */
  hasWebhookEvents: boolean;
  /** The lease that makes it so many is an event's last: without an ack it is quarantined afterwards. */
  maxLeases: number;
}

/**
 * Leases what came back from an earlier lease, then what was never leased, both only as far as no other writer has its
 * hands on them: it waits for nobody, and of two consumers each gets rows of its own. Returns the events in the order
 * of the feed. One statement, so a crash leaves either a whole lease, which runs out, or none.
 */
export async function leaseEvents(db: Database, request: LeaseRequest): Promise<EventRow[]> {
  const { organizationId, eventTypes, hasWebhookEvents, limit } = request;
  const leasable =
    eventTypes === undefined || hasWebhookEvents
      ? undefined
      : await findLeasable(db, organizationId, eventTypes, limit);
  const { rows } = await leaseStatement(request, leasable).execute(db);
  return rows;
}

/**
 * Apart, so that a test can hold the plan that Postgres makes of it against the indexes. `leasable`: the only ones that
 * were never leased and come into question.
 */
export function leaseStatement(request: LeaseRequest, leasable?: readonly string[]) {
  const { organizationId, leaseId, limit, leaseSeconds, maxLeases } = request;
  const isWanted = sql`organization_id = ${organizationId}
    ${request.hasWebhookEvents ? sql`` : sql`AND delivery_status IN ('none', 'failed')`}
    ${request.eventTypes ? isOfTypes(request.eventTypes) : sql``}`;
  // What makes the planner take the one index that holds no more than is wanted, or none where the ids are known.
  const isLeasable = leasable ? sql`AND id = ANY(${leasable}::uuid[])` : sql``;
  const indexOrder = leasable
    ? sql`position * 1`
    : request.hasWebhookEvents
      ? sql`position - 0`
      : sql`position + 0`;
  // Through an array the planner expects few rows and looks each up by its key, whatever it believes of the limit.
  return sql<EventRow>`
    WITH returned AS MATERIALIZED (
      SELECT id FROM events
      WHERE ${isWanted} AND inbox_status = 'leased' AND available_at <= now()
      ORDER BY available_at LIMIT ${limit}::int FOR UPDATE SKIP LOCKED
    ), fresh AS MATERIALIZED (
      SELECT id FROM events
      WHERE ${isWanted} AND inbox_status = 'available' ${isLeasable}
      ORDER BY ${indexOrder} LIMIT ${limit}::int - (SELECT count(*) FROM returned) FOR UPDATE SKIP LOCKED
    ), leased AS (
      UPDATE events e SET inbox_status = 'leased', lease_id = ${leaseId}, lease_count = e.lease_count + 1,
        leased_until = now() + make_interval(secs => ${leaseSeconds}),
        available_at = CASE WHEN e.lease_count + 1 < ${maxLeases}::int
          THEN now() + make_interval(secs => ${leaseSeconds}) END,
        updated_at = now()
      FROM unnest(ARRAY(SELECT id FROM returned UNION ALL SELECT id FROM fresh)) AS picked (id)
      WHERE e.id = picked.id
      RETURNING e.*
    )
    SELECT * FROM leased ORDER BY position`;
}

/** As `matchesEventType` in the domain. */
function isOfTypes(patterns: readonly string[]) {
  const exact = patterns.filter((pattern) => pattern !== "*" && !pattern.endsWith(".*"));
  const prefixes = patterns
    .filter((pattern) => pattern.endsWith(".*"))
    .map((pattern) => pattern.slice(0, -1));
  return sql`AND (type = ANY(${exact}::text[])
    OR EXISTS (SELECT FROM unnest(${prefixes}::text[]) AS prefix WHERE starts_with(type, prefix))
    OR (${patterns.includes("*")}::boolean AND type <> ALL(${operationalEventTypes}::text[])))`;
}

/** When the next event comes back from a lease or a delay, in ms from now; undefined when none does. */
export async function findNextReturnMs(db: Database, organizationId: string): Promise<number | undefined> {
  const { rows } = await sql<{ ms: number }>`
    SELECT ceil(extract(epoch FROM available_at - clock_timestamp()) * 1000)::float8 AS ms FROM events
    WHERE organization_id = ${organizationId} AND inbox_status = 'leased' AND available_at > now()
    ORDER BY available_at LIMIT 1`.execute(db);
  return rows[0] && Math.max(0, rows[0].ms);
}
