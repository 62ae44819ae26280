import { idsOfSameTime } from "@triggers/domain";
import type { Selectable } from "kysely";
import type { Database } from "../connect.ts";
import type { AttemptRow, DeliveryRow } from "../events.ts";
import { type PageOfIds, pageById } from "../page-by-id.ts";
import type { AttemptTable, DeliveryTable, EventTable } from "../schema.ts";

/** A delivery with what its event says of itself. */
export type ListedDelivery = DeliveryRow & Pick<Selectable<EventTable>, "type" | "subscriber">;

export interface DeliveryFilter {
  endpointId?: string | undefined;
  eventId?: string | undefined;
  /** Whose events. */
  subscriber?: string | undefined;
  status?: DeliveryTable["status"] | undefined;
}

/** By the time of their events. A delivery's id has its event's time bits, which is what finds the partitions. */
export async function listDeliveries(
  db: Database,
  organizationId: string,
  page: PageOfIds,
  filter: DeliveryFilter,
): Promise<ListedDelivery[]> {
  let rows = selectDeliveries(db, organizationId);
  if (filter.endpointId !== undefined) rows = rows.where("deliveries.endpoint_id", "=", filter.endpointId);
  if (filter.eventId !== undefined) rows = rows.where("deliveries.event_id", "=", filter.eventId);
  if (filter.subscriber !== undefined) rows = rows.where("events.subscriber", "=", filter.subscriber);
  if (filter.status !== undefined) rows = rows.where("deliveries.status", "=", filter.status);
  const { sinceId, untilId, after, order } = page;
  if (sinceId !== undefined) rows = rows.where("deliveries.event_id", ">=", sinceId);
  if (untilId !== undefined) rows = rows.where("deliveries.event_id", "<", untilId);
  if (after !== undefined) {
    const [first, last] = idsOfSameTime(after);
    rows =
      order === "asc"
        ? rows.where("deliveries.event_id", ">=", first)
        : rows.where("deliveries.event_id", "<=", last);
  }
  return pageById(rows, "deliveries.id", page).execute();
}

/** One delivery with its attempts, oldest first. */
export async function findDelivery(
  db: Database,
  organizationId: string,
  id: string,
): Promise<{ delivery: ListedDelivery; attempts: AttemptRow[] } | undefined> {
  const [first, last] = idsOfSameTime(id);
  const delivery = await selectDeliveries(db, organizationId)
    .where("deliveries.id", "=", id)
    .where("deliveries.event_id", ">=", first)
    .where("deliveries.event_id", "<=", last)
    .executeTakeFirst();
  if (!delivery) return undefined;
  const attempts = await findAttempts(db, delivery.event_id, id);
  return { delivery, attempts };
}

function selectDeliveries(db: Database, organizationId: string) {
  return db
    .selectFrom("deliveries")
    .innerJoin("events", "events.id", "deliveries.event_id")
    .selectAll("deliveries")
    .select(["events.type", "events.subscriber"])
    .where("deliveries.organization_id", "=", organizationId);
}

function findAttempts(
  db: Database,
  eventId: string,
  deliveryId: string,
): Promise<Selectable<AttemptTable>[]> {
  return db
    .selectFrom("attempts")
    .selectAll()
    .where("event_id", "=", eventId)
    .where("delivery_id", "=", deliveryId)
    .orderBy("number")
    .execute();
}
