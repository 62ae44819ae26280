import { lowestIdAt, timeOfId } from "@triggers/domain";
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
  const [from, to] = timesOf(page);
  if (from !== undefined) rows = rows.where("deliveries.event_id", ">=", lowestIdAt(from));
  if (to !== undefined) rows = rows.where("deliveries.event_id", "<", lowestIdAt(to));
  return pageById(rows, "deliveries.id", page).execute();
}

/** One delivery with its attempts, oldest first. */
export async function findDelivery(
  db: Database,
  organizationId: string,
  id: string,
): Promise<{ delivery: ListedDelivery; attempts: AttemptRow[] } | undefined> {
  const time = timeOfId(id);
  const delivery = await selectDeliveries(db, organizationId)
    .where("deliveries.id", "=", id)
    .where("deliveries.event_id", ">=", lowestIdAt(time))
    .where("deliveries.event_id", "<", lowestIdAt(time + 1))
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

/** The span of milliseconds that a page can lie in, from the first on, before the second. */
function timesOf({ after, sinceId, untilId, order }: PageOfIds): [number | undefined, number | undefined] {
  const afterMs = after === undefined ? undefined : timeOfId(after);
  const from = order === "asc" ? afterMs : undefined;
  const to = order === "desc" && afterMs !== undefined ? afterMs + 1 : undefined;
  return [latest(from, sinceId), earliest(to, untilId)];
}

function latest(ms: number | undefined, id: string | undefined): number | undefined {
  if (id === undefined) return ms;
  return ms === undefined ? timeOfId(id) : Math.max(ms, timeOfId(id));
}

function earliest(ms: number | undefined, id: string | undefined): number | undefined {
  if (id === undefined) return ms;
  return ms === undefined ? timeOfId(id) : Math.min(ms, timeOfId(id));
}
