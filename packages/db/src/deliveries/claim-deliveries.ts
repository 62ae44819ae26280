import { sql } from "kysely";
import type { Database } from "../connect.ts";

export interface ClaimRequest {
  eventId: string;
  endpointId: string;
  scheduleStep: number;
  /** For the attempt that was asked for beside the schedule, in whatever state the delivery is. */
  isManual: boolean;
  /** Fresh for each claim: only its holder may renew or record. */
  claimId: string;
}

/** What an attempt needs to know of its event and its delivery. */
export interface ClaimedDelivery {
  claimId: string;
  eventId: string;
  endpointId: string;
  deliveryId: string;
  organizationId: string;
  attempts: number;
  scheduleStep: number;
  /** What brings this attempt about. */
  trigger: "schedule" | "manual" | "replay";
  type: string;
  payload: string | null;
  occurredAt: Date | null;
  /** JSON text of the attributes it came with, where it came as a CloudEvent. */
  cloudevent: string | null;
  isErased: boolean;
  /** Of the endpoint's row; null when there is none. */
  endpointVersion: string | null;
}

/**
 * Takes the right to attempt each delivery whose step this is, that is open and that nobody else holds; or whose manual
 * attempt is still wanted. Whoever is
 * not in the result must not post. Two claims of one row at once: the second waits for the first and finds it held.
 */
export async function claimDeliveries(
  db: Database,
  requests: readonly ClaimRequest[],
  claimMs: number,
): Promise<ClaimedDelivery[]> {
  const sorted = [...requests].sort((a, b) => (a.eventId < b.eventId ? -1 : 1));
  const column = <T>(value: (request: ClaimRequest) => T) => sorted.map(value);
  const [first, last] = [sorted[0]?.eventId, sorted.at(-1)?.eventId];
  const { rows } = await sql<ClaimedDelivery>`
    WITH claimed AS (
      UPDATE deliveries d
      SET claim_id = r.claim_id, claimed_until = now() + make_interval(secs => ${claimMs / 1000}::float8)
      FROM unnest(${column((r) => r.eventId)}::uuid[], ${column((r) => r.endpointId)}::uuid[],
        ${column((r) => r.scheduleStep)}::int[], ${column((r) => r.isManual)}::bool[],
        ${column((r) => r.claimId)}::uuid[])
        AS r (event_id, endpoint_id, schedule_step, is_manual, claim_id)
      WHERE d.event_id = r.event_id AND d.endpoint_id = r.endpoint_id
        AND d.event_id BETWEEN ${first} AND ${last}
        AND CASE WHEN r.is_manual THEN d.requested = 'manual'
          ELSE d.schedule_step = r.schedule_step AND d.status IN ('pending', 'retrying') END
        AND (d.claimed_until IS NULL OR d.claimed_until <= now())
      RETURNING d.claim_id, d.event_id, d.endpoint_id, d.id, d.organization_id, d.attempts, d.schedule_step,
        CASE WHEN r.is_manual THEN 'manual' WHEN d.requested = 'replay' THEN 'replay' ELSE 'schedule' END AS trigger
    )
    SELECT c.claim_id AS "claimId", c.event_id AS "eventId", c.endpoint_id AS "endpointId", c.id AS "deliveryId",
      c.organization_id AS "organizationId", c.attempts, c.schedule_step AS "scheduleStep", c.trigger,
      e.type, e.payload, e.occurred_at AS "occurredAt", e.cloudevent, e.erased_at IS NOT NULL AS "isErased",
      p.xmin::text AS "endpointVersion"
    FROM claimed c JOIN events e ON e.id = c.event_id AND e.id BETWEEN ${first} AND ${last}
    LEFT JOIN endpoints p ON p.id = c.endpoint_id`.execute(db);
  return rows;
}

/** For a claim that was refused: how long somebody else may still hold what it was for; undefined when nobody wants it any more. */
export async function findClaimHeldMs(db: Database, request: ClaimRequest): Promise<number | undefined> {
  const { rows } = await sql<{ heldMs: number }>`
    SELECT coalesce(extract(epoch FROM greatest(claimed_until - now(), interval '0')) * 1000, 0)::float8 AS "heldMs"
    FROM deliveries
    WHERE event_id = ${request.eventId} AND endpoint_id = ${request.endpointId}
      AND CASE WHEN ${request.isManual}::bool THEN requested = 'manual'
        ELSE schedule_step = ${request.scheduleStep} AND status IN ('pending', 'retrying') END`.execute(db);
  return rows[0]?.heldMs;
}

export type HeldClaim = Pick<ClaimRequest, "eventId" | "endpointId" | "claimId">;

/** Returns the claims that are still ours; an attempt whose claim is missing in it must stop. */
export async function renewClaims(
  db: Database,
  held: readonly HeldClaim[],
  claimMs: number,
): Promise<Set<string>> {
  const column = <T>(value: (claim: HeldClaim) => T) => held.map(value);
  const { rows } = await sql<{ claimId: string }>`
    UPDATE deliveries d SET claimed_until = now() + make_interval(secs => ${claimMs / 1000}::float8)
    FROM unnest(${column((c) => c.eventId)}::uuid[], ${column((c) => c.endpointId)}::uuid[],
      ${column((c) => c.claimId)}::uuid[]) AS c (event_id, endpoint_id, claim_id)
    WHERE d.event_id = c.event_id AND d.endpoint_id = c.endpoint_id AND d.claim_id = c.claim_id
    RETURNING d.claim_id AS "claimId"`.execute(db);
  return new Set(rows.map(({ claimId }) => claimId));
}

/** Gives claims back as if they had never been taken: the endpoint has no room for an attempt at the moment. */
export async function returnClaims(db: Database, held: readonly HeldClaim[]): Promise<void> {
  const column = <T>(value: (claim: HeldClaim) => T) => held.map(value);
  await sql`
    UPDATE deliveries d SET claim_id = NULL, claimed_until = NULL
    FROM unnest(${column((c) => c.eventId)}::uuid[], ${column((c) => c.endpointId)}::uuid[],
      ${column((c) => c.claimId)}::uuid[]) AS c (event_id, endpoint_id, claim_id)
    WHERE d.event_id = c.event_id AND d.endpoint_id = c.endpoint_id AND d.claim_id = c.claim_id`.execute(db);
}

/**
 * Gives a claim back without an attempt because its endpoint is disabled: the delivery is parked until the sweeper finds
 * the endpoint enabled. The shared lock orders this against the enabling.
 */
export async function parkDelivery(db: Database, held: HeldClaim): Promise<void> {
  await sql`
    WITH endpoint AS (SELECT enabled FROM endpoints WHERE id = ${held.endpointId} FOR SHARE)
    UPDATE deliveries d
    SET claim_id = NULL, claimed_until = NULL, 
      sweep_at = CASE WHEN e.enabled THEN now() ELSE 'infinity' END,
      parked_as = CASE WHEN e.enabled THEN NULL WHEN d.schedule_step = 0 THEN 'first' ELSE 'retry' END
    FROM endpoint e
    WHERE d.event_id = ${held.eventId} AND d.endpoint_id = ${held.endpointId} AND d.claim_id = ${held.claimId}`.execute(
    db,
  );
}

/** Gives the claim of a manual attempt back that cannot be made any more: its endpoint is deleted or disabled, or its event erased. */
export async function dropRequest(db: Database, held: HeldClaim): Promise<void> {
  await sql`
    UPDATE deliveries SET claim_id = NULL, claimed_until = NULL, requested = NULL, requested_at = NULL
    WHERE event_id = ${held.eventId} AND endpoint_id = ${held.endpointId} AND claim_id = ${held.claimId}`.execute(
    db,
  );
}
