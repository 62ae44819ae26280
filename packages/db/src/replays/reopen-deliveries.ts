import { type Kysely, sql } from "kysely";
import { deliveryCounts } from "../deliveries/count-deliveries.ts";
import { type DueDelivery, dueDeliveryColumns } from "../deliveries/sweep-deliveries.ts";
import type { DB, ReplaySelection } from "../schema.ts";
import type { ReplayedEvent, ReplayRow } from "./replays.ts";

/** Cancelled deliveries stay so: their event is erased, or their endpoint deleted. */
const reopened: Record<ReplaySelection["only"], string[]> = {
  failed: ["failed"],
  skipped: ["skipped"],
  missing: [],
  all: ["failed", "skipped", "delivered"],
};

/**
 * Starts the schedule of deliveries that have ended anew. Those whose schedule is still running, or that are being
 * attempted, are left alone and counted as skipped: a replay ends no chain and attempts nothing twice at once. The caller
 * holds the events' rows.
 */
export async function reopenDeliveries(
  tx: Kysely<DB>,
  replay: ReplayRow,
  events: readonly ReplayedEvent[],
): Promise<{ due: DueDelivery[]; skipped: number }> {
  const { only } = replay.selection;
  if (only === "missing" || events.length === 0) return { due: [], skipped: 0 };
  const ids = events.map(({ id }) => id);
  const considered = only === "all" ? [...reopened.all, "pending", "retrying"] : reopened[only];
  const { rows } = await sql<DueDelivery & { isReopened: boolean }>`
    WITH found AS (
      SELECT d.*,
        d.status = ANY(${reopened[only]}::text[]) AND d.requested IS NULL
          AND (d.claimed_until IS NULL OR d.claimed_until <= now()) AS is_reopened
      FROM deliveries d JOIN endpoints p ON p.id = d.endpoint_id AND p.deleted_at IS NULL
      WHERE d.event_id = ANY(${ids}::uuid[]) AND d.organization_id = ${replay.organization_id}
        AND d.endpoint_id = coalesce(${replay.endpoint_id}::uuid, d.endpoint_id)
        AND d.status = ANY(${considered}::text[])
      ORDER BY d.event_id, d.endpoint_id
      FOR UPDATE OF d
    ), moved AS (
      UPDATE deliveries d SET status = 'pending', schedule_step = 0, requested = 'replay', requested_at = now(),
        next_attempt_at = now(), parked_as = NULL, sweep_at = now() + interval '1 minute', updated_at = now()
      FROM found f
      WHERE f.is_reopened AND d.event_id = f.event_id AND d.endpoint_id = f.endpoint_id
      RETURNING d.event_id, f.status AS was, d.status
    ), counted AS (
      UPDATE events e SET ${deliveryCounts.sets}, updated_at = now()
      FROM (SELECT event_id, ${deliveryCounts.sums} FROM moved GROUP BY event_id) c
      WHERE e.id = c.event_id
    )
    SELECT ${dueDeliveryColumns}, d.is_reopened AS "isReopened" FROM found d`.execute(tx);
  const due = rows.filter(({ isReopened }) => isReopened);
  // As they are now, not as they were found.
  const anew = due.map((delivery) => ({ ...delivery, scheduleStep: 0, delayMs: 0 }));
  return { due: anew, skipped: rows.length - due.length };
}
