import { operationalEventTypes } from "@triggers/domain";
import { sql } from "kysely";
import type { Database } from "../connect.ts";
import { isAskedFor, type OperationalEvent } from "../operational-events.ts";
import { deliveryCounts } from "./count-deliveries.ts";

/** The outcome of one attempt and where it leaves the delivery. */
export interface AttemptRecord {
  eventId: string;
  endpointId: string;
  claimId: string;
  trigger: "schedule" | "manual" | "replay";
  startedAt: Date;
  durationMs: number;
  responseStatus: number | null;
  errorCode: string | null;
  errorDetail: string | null;
  responseHeaders: Record<string, string>;
  responseBody: Buffer;
  /** Where the schedule goes on. A manual attempt that failed leaves it as it is. */
  status: "delivered" | "retrying" | "failed" | "pending";
  scheduleStep: number;
  /** For the operational event that tells of the delivery's failure, if that is what the attempt ends in. */
  failureId: string;
  /** Cut off by a drain: what was asked for is still wanted. */
  isInterrupted: boolean;
  /** Until the next attempt; null when there is none. */
  delayMs: number | null;
}

export interface RecordedAttempt {
  claimId: string;
  deliveryId: string;
  number: number;
  /** What its organization is to be told. */
  announced: OperationalEvent | null;
}

/**
 * Records a batch: attempts are appended, deliveries move on and give their claims back, events count. All of it or
 * nothing, in one statement: a transaction of several costs a round trip for each. It locks the events in id order, as every
 * writer that touches deliveries does; a row that changed before it was locked is read again by Postgres. A record whose claim is no longer its own changes nothing and is missing in the result.
 *
 * `sweep_at`: a retry whose job goes into Redis at once (within `horizonMs`) gets a minute beyond its time; a later
 * one is enqueued by the sweeper, a little ahead of its time.
 */
export async function recordAttempts(
  db: Database,
  records: readonly AttemptRecord[],
  horizonMs: number,
): Promise<RecordedAttempt[]> {
  const column = <T>(value: (record: AttemptRecord) => T) => records.map(value);
  const eventIds = [...new Set(column((r) => r.eventId))].sort();
  const [first, last] = [eventIds[0], eventIds.at(-1)];
  const { rows } = await sql<RecordedAttempt>`
      WITH locked AS MATERIALIZED (
        SELECT id FROM events WHERE id = ANY(${eventIds}::uuid[]) AND id BETWEEN ${first} AND ${last}
        ORDER BY id FOR UPDATE
      ), r AS (
        SELECT * FROM unnest(
          ${column((r) => r.eventId)}::uuid[], ${column((r) => r.endpointId)}::uuid[],
          ${column((r) => r.claimId)}::uuid[], ${column((r) => r.startedAt)}::timestamptz[],
          ${column((r) => r.durationMs)}::int[], ${column((r) => r.responseStatus)}::smallint[],
          ${column((r) => r.errorCode)}::text[], ${column((r) => r.errorDetail)}::text[],
          ${column((r) => JSON.stringify(r.responseHeaders))}::jsonb[], ${column((r) => r.responseBody)}::bytea[],
          ${column((r) => r.status)}::text[], ${column((r) => r.scheduleStep)}::smallint[],
          ${column((r) => r.delayMs)}::float8[], ${column((r) => r.trigger)}::text[],
          ${column((r) => r.isInterrupted)}::bool[], ${column((r) => r.failureId)}::uuid[]
        ) AS r (event_id, endpoint_id, claim_id, started_at, duration_ms, response_status, error_code, error_detail,
          response_headers, response_body, status, schedule_step, delay_ms, trigger, is_interrupted, failure_id)
      ), held AS (
        SELECT d.event_id, d.endpoint_id, d.status, r.trigger <> 'manual' OR r.status = 'delivered' AS is_moved
        FROM deliveries d JOIN r ON d.event_id = r.event_id AND d.endpoint_id = r.endpoint_id AND d.claim_id = r.claim_id
        -- Always true; it has the events locked first.
        WHERE (SELECT count(*) FROM locked) >= 0 AND d.event_id BETWEEN ${first} AND ${last}
        ORDER BY d.event_id, d.endpoint_id
        FOR UPDATE OF d
      ), moved AS (
        UPDATE deliveries d SET
          status = CASE WHEN h.is_moved THEN r.status ELSE d.status END,
          schedule_step = CASE WHEN h.is_moved THEN r.schedule_step ELSE d.schedule_step END,
          parked_as = CASE WHEN h.is_moved THEN NULL ELSE d.parked_as END,
          attempts = d.attempts + 1, claim_id = NULL, claimed_until = NULL,
          requested = CASE WHEN r.trigger = 'schedule' OR r.is_interrupted THEN d.requested END,
          requested_at = CASE WHEN r.trigger = 'schedule' OR r.is_interrupted THEN d.requested_at END,
          response_status = r.response_status, error_code = r.error_code,
          next_attempt_at = CASE WHEN h.is_moved
            THEN now() + make_interval(secs => coalesce(r.delay_ms, 0) / 1000) ELSE d.next_attempt_at END,
          sweep_at = CASE WHEN h.is_moved
            THEN now() + make_interval(secs => coalesce(r.delay_ms, 0) / 1000)
              + CASE WHEN coalesce(r.delay_ms, 0) <= ${horizonMs}::float8 THEN interval '1 minute' ELSE interval '-1 minute' END
            ELSE d.sweep_at END,
          updated_at = now()
        FROM held h JOIN r ON h.event_id = r.event_id AND h.endpoint_id = r.endpoint_id
        WHERE d.event_id = h.event_id AND d.endpoint_id = h.endpoint_id AND d.event_id BETWEEN ${first} AND ${last}
        RETURNING d.event_id, d.endpoint_id, d.organization_id, d.id, d.attempts, h.status AS was, d.status, r.claim_id
      ), appended AS (
        INSERT INTO attempts (event_id, delivery_id, number, organization_id, endpoint_id, trigger, started_at,
          duration_ms, response_status, error_code, error_detail, response_headers, response_body)
        SELECT m.event_id, m.id, m.attempts, m.organization_id, m.endpoint_id, r.trigger, r.started_at,
          r.duration_ms, r.response_status, r.error_code, r.error_detail, r.response_headers, r.response_body
        FROM moved m JOIN r ON m.claim_id = r.claim_id
      ), counted AS (
        UPDATE events e SET ${deliveryCounts.sets}, attempts = e.attempts + c.attempts,
          response_status = l.response_status, last_error = l.error_code, updated_at = now()
        FROM (SELECT event_id, count(*) AS attempts, ${deliveryCounts.sums} FROM moved GROUP BY event_id) c
        JOIN (
          SELECT DISTINCT ON (event_id) event_id, response_status, error_code FROM r ORDER BY event_id, started_at DESC
        ) l ON l.event_id = c.event_id
        WHERE e.id = c.event_id AND e.id BETWEEN ${first} AND ${last}
      ), announced AS (
        INSERT INTO operational_events (id, organization_id, type, payload)
        SELECT r.failure_id, m.organization_id, 'delivery.failed', json_build_object(
          'delivery_id', m.id, 'event_id', m.event_id, 'event_type', e.type, 'subscriber', e.subscriber,
          'endpoint_id', m.endpoint_id, 'attempts', m.attempts, 'response_status', r.response_status,
          'error_code', r.error_code)::text
        FROM moved m JOIN r ON m.claim_id = r.claim_id JOIN events e ON e.id = m.event_id AND e.id BETWEEN ${first} AND ${last}
        WHERE m.status = 'failed' AND m.was <> 'failed' AND e.type <> ALL(${[...operationalEventTypes]}::text[])
          AND ${isAskedFor(sql`m.organization_id`, "delivery.failed")}
        RETURNING *
      )
      SELECT m.claim_id AS "claimId", m.id AS "deliveryId", m.attempts AS "number",
        CASE WHEN a.id IS NOT NULL THEN
          json_build_object('id', a.id, 'organizationId', a.organization_id, 'type', a.type, 'payload', a.payload)
        END AS announced
      FROM moved m JOIN r ON m.claim_id = r.claim_id LEFT JOIN announced a ON a.id = r.failure_id`.execute(
    db,
  );
  return rows;
}
