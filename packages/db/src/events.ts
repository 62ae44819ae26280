import { sql } from "kysely";
import type { Selectable } from "kysely";
import type { Database } from "./connect.ts";
import { currentInboxStatus } from "./leases/inbox-status.ts";
import type { AttemptTable, DeliveryTable, EventTable } from "./schema.ts";

export type EventRow = Selectable<EventTable>;
export type DeliveryRow = Selectable<DeliveryTable>;
export type AttemptRow = Selectable<AttemptTable>;

export interface EventHistory {
  event: EventRow;
  deliveries: DeliveryRow[];
  attempts: AttemptRow[];
}

/** One event with its deliveries and their attempts, oldest first. */
export async function findEvent(
  db: Database,
  organizationId: string,
  id: string,
): Promise<EventHistory | undefined> {
  const event = await db
    .selectFrom("events")
    .selectAll()
    .select(currentInboxStatus)
    .where("id", "=", id)
    .where("organization_id", "=", organizationId)
    .executeTakeFirst();
  if (!event) return undefined;
  const deliveries = await db
    .selectFrom("deliveries")
    .selectAll()
    .where("event_id", "=", id)
    .orderBy("created_at")
    .orderBy("endpoint_id")
    .execute();
  const attempts =
    event.attempts === 0
      ? []
      : await db
          .selectFrom("attempts")
          .selectAll()
          .where("event_id", "=", id)
          .orderBy("delivery_id")
          .orderBy("number")
          .execute();
  return { event, deliveries, attempts };
}

/** Whether each id is stored, for whoever compares what was accepted with what is there. */
export async function countEvents(db: Database, organizationId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM events WHERE organization_id = ${organizationId}`.execute(db);
  return rows[0]?.count ?? 0;
}
