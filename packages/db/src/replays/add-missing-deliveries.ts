import { deliveryIdOf, matchesEventType } from "@triggers/domain";
import { type Kysely, sql } from "kysely";
import type { DueDelivery } from "../deliveries/sweep-deliveries.ts";
import type { DB } from "../schema.ts";
import type { ReplayedEvent, ReplayRow } from "./replays.ts";

/**
 * Makes the deliveries of events that the endpoint would get today and never got: they came before it was there, or
 * before it named their type. The caller holds the events' rows.
 */
export async function addMissingDeliveries(
  tx: Kysely<DB>,
  replay: ReplayRow,
  events: readonly ReplayedEvent[],
): Promise<DueDelivery[]> {
  const { only } = replay.selection;
  if ((only !== "missing" && only !== "all") || replay.endpoint_id === null) return [];
  const endpoint = await tx
    .selectFrom("endpoints")
    .select(["id", "subscriber", "event_types", "max_in_flight"])
    .where("id", "=", replay.endpoint_id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!endpoint) return [];
  const { id: endpointId, subscriber, event_types, max_in_flight: maxInFlight } = endpoint;
  const wanted = events.filter(
    (event) =>
      (subscriber === null || subscriber === event.subscriber) && matchesEventType(event_types, event.type),
  );
  if (wanted.length === 0) return [];
  const { rows } = await sql<{ eventId: string; deliveryId: string }>`
    WITH added AS (
      INSERT INTO deliveries (id, event_id, endpoint_id, organization_id, status, requested, requested_at)
      SELECT id, event_id, ${endpointId}::uuid, ${replay.organization_id}::uuid, 'pending', 'replay', now()
      FROM unnest(${wanted.map(({ id }) => deliveryIdOf(id, endpointId))}::uuid[],
        ${wanted.map(({ id }) => id)}::uuid[]) AS w (id, event_id)
      ORDER BY event_id
      ON CONFLICT DO NOTHING
      RETURNING event_id, id
    ), counted AS (
      UPDATE events e SET pending_deliveries = pending_deliveries + 1, updated_at = now()
      FROM added WHERE e.id = added.event_id
    )
    SELECT event_id AS "eventId", id AS "deliveryId" FROM added`.execute(tx);
  const { organization_id: organizationId } = replay;
  return rows.map((row) => ({
    ...row,
    ...{ endpointId, organizationId, maxInFlight },
    ...{ scheduleStep: 0, delayMs: 0 },
  }));
}
