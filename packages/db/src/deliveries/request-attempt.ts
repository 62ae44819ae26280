import { idsOfSameTime } from "@triggers/domain";
import { sql } from "kysely";
import type { Database } from "../connect.ts";
import type { DeliveryRow } from "../events.ts";

export type RequestedAttempt =
  | { outcome: "requested"; delivery: DeliveryRow }
  | { outcome: "not_found" | "busy" | "endpoint_deleted" | "endpoint_disabled" | "erased" };

/**
 * Asks for one attempt beside the schedule, whatever the delivery's status is. The mark on the row is what lets a worker
 * claim it, and the sweeper enqueues it when its job is lost. Busy: an attempt is under way, or one was asked for already.
 */
export async function requestAttempt(
  db: Database,
  organizationId: string,
  deliveryId: string,
): Promise<RequestedAttempt> {
  const [first, last] = idsOfSameTime(deliveryId);
  return db.transaction().execute(async (tx) => {
    const found = await tx
      .selectFrom("deliveries as d")
      .innerJoin("endpoints as p", "p.id", "d.endpoint_id")
      .innerJoin("events as e", "e.id", "d.event_id")
      .select(["d.event_id", "d.endpoint_id", "p.enabled", "p.deleted_at", "e.erased_at", "d.requested"])
      .select(sql<boolean>`coalesce(d.claimed_until > now(), false)`.as("is_claimed"))
      .where("d.organization_id", "=", organizationId)
      .where("d.id", "=", deliveryId)
      .where("d.event_id", ">=", first)
      .where("d.event_id", "<=", last)
      .forUpdate("d")
      .executeTakeFirst();
    if (!found) return { outcome: "not_found" };
    if (found.erased_at) return { outcome: "erased" };
    if (found.deleted_at) return { outcome: "endpoint_deleted" };
    if (!found.enabled) return { outcome: "endpoint_disabled" };
    if (found.is_claimed || found.requested === "manual") return { outcome: "busy" };
    const delivery = await tx
      .updateTable("deliveries")
      .set({ requested: "manual", requested_at: sql<Date>`now()` })
      .where("event_id", "=", found.event_id)
      .where("endpoint_id", "=", found.endpoint_id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return { outcome: "requested", delivery };
  });
}
