import { sql } from "kysely";
import type { Database } from "../connect.ts";

/** An open delivery whose next attempt is due, or will be in `delayMs`. */
export interface DueDelivery {
  eventId: string;
  endpointId: string;
  organizationId: string;
  deliveryId: string;
  scheduleStep: number;
  delayMs: number;
  /** The endpoint's. */
  maxInFlight: number;
  /** It is in the endpoint's backlog already. */
  isParked?: boolean;
}

export interface RequestedAttemptDue {
  eventId: string;
  endpointId: string;
  deliveryId: string;
  number: number;
}
/** What makes a row `d` of deliveries a `DueDelivery`. */
export const dueDeliveryColumns = sql.raw(`
  d.event_id AS "eventId", d.endpoint_id AS "endpointId", d.organization_id AS "organizationId", d.id AS "deliveryId",
  d.schedule_step AS "scheduleStep",
  greatest(0, extract(epoch FROM d.next_attempt_at - now()) * 1000)::float8 AS "delayMs",
  coalesce((SELECT max_in_flight FROM endpoints e WHERE e.id = d.endpoint_id), 1) AS "maxInFlight"`);

/**
 * One page of the open deliveries whose `sweep_at` has come, oldest first, moved a minute beyond their attempt: what
 * was taken goes to the end of the line, so that a backlog at one endpoint hides no other. A crash before they are
 * offered costs that minute. Offering a job that is still in Redis changes nothing.
 */
export async function sweepDeliveries(db: Database, limit: number): Promise<DueDelivery[]> {
  const { rows } = await sql<DueDelivery>`
    UPDATE deliveries d SET sweep_at = greatest(d.next_attempt_at, now()) + interval '1 minute', parked_as = NULL
    FROM (
      SELECT event_id, endpoint_id FROM deliveries
      WHERE status IN ('pending', 'retrying') AND sweep_at <= now()
      ORDER BY sweep_at LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    ) due
    WHERE d.event_id = due.event_id AND d.endpoint_id = due.endpoint_id
    RETURNING ${dueDeliveryColumns}`.execute(db);
  return rows;
}

/**
 * The same for attempts that were asked for a minute ago and that nobody is making: their jobs are lost, or their
 * worker is.
 */
export async function sweepRequests(db: Database, limit: number): Promise<RequestedAttemptDue[]> {
  const { rows } = await sql<RequestedAttemptDue>`
    UPDATE deliveries d SET requested_at = now()
    FROM (
      SELECT event_id, endpoint_id FROM deliveries
      WHERE requested = 'manual' AND requested_at <= now() - interval '1 minute'
        AND (claimed_until IS NULL OR claimed_until <= now())
      ORDER BY requested_at LIMIT ${limit}
      FOR UPDATE SKIP LOCKED
    ) lost
    WHERE d.event_id = lost.event_id AND d.endpoint_id = lost.endpoint_id
    RETURNING d.event_id AS "eventId", d.endpoint_id AS "endpointId", d.id AS "deliveryId", d.attempts + 1 AS "number"`.execute(
    db,
  );
  return rows;
}

/** The first-step deliveries of these events that are still waiting: what a batch that ran before may not have enqueued. */
export async function findFirstDeliveries(db: Database, eventIds: readonly string[]): Promise<DueDelivery[]> {
  const { rows } = await sql<DueDelivery>`
    SELECT ${dueDeliveryColumns} FROM deliveries d
    WHERE event_id = ANY(${eventIds}::uuid[]) AND schedule_step = 0 AND status = 'pending' AND parked_as IS NULL`.execute(
    db,
  );
  return rows;
}
