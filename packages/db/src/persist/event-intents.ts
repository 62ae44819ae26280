import { type Kysely, sql } from "kysely";
import type { DB } from "../schema.ts";

export interface EventIntent {
  eventId: string;
  acknowledgedAt: Date | null;
  erasedAt: Date | null;
}

/**
 * Takes what was asked of these events before they were persisted. Must come after `lockFeeds`: whoever records an
 * intent holds the same lock, so none can slip in between this read and the commit.
 */
export async function takeEventIntents(tx: Kysely<DB>, eventIds: readonly string[]): Promise<EventIntent[]> {
  const { rows } = await sql<EventIntent>`
    DELETE FROM event_intents WHERE event_id = ANY(${eventIds}::uuid[])
    RETURNING event_id AS "eventId", acknowledged_at AS "acknowledgedAt", erased_at AS "erasedAt"`.execute(
    tx,
  );
  return rows;
}

/** An acknowledgement of an event that is still only in Redis; the first one's time stands. */
export async function recordAckIntent(
  tx: Kysely<DB>,
  organizationId: string,
  eventId: string,
): Promise<Date> {
  const { acknowledged_at } = await tx
    .insertInto("event_intents")
    .values({ event_id: eventId, organization_id: organizationId, acknowledged_at: sql<Date>`now()` })
    .onConflict((conflict) =>
      conflict.column("event_id").doUpdateSet({
        acknowledged_at: sql<Date>`coalesce(event_intents.acknowledged_at, excluded.acknowledged_at)`,
      }),
    )
    .returning(sql<Date>`acknowledged_at`.as("acknowledged_at"))
    .executeTakeFirstOrThrow();
  return acknowledged_at;
}

/** An erasure of an event that is still only in Redis; it takes the event from the inbox too. */
export async function recordErasureIntent(
  tx: Kysely<DB>,
  organizationId: string,
  eventId: string,
): Promise<void> {
  await tx
    .insertInto("event_intents")
    .values({
      event_id: eventId,
      organization_id: organizationId,
      acknowledged_at: sql<Date>`now()`,
      erased_at: sql<Date>`now()`,
    })
    .onConflict((conflict) =>
      conflict.column("event_id").doUpdateSet({
        acknowledged_at: sql<Date>`coalesce(event_intents.acknowledged_at, excluded.acknowledged_at)`,
        erased_at: sql<Date>`coalesce(event_intents.erased_at, excluded.erased_at)`,
      }),
    )
    .execute();
}

export async function findEventIntent(
  db: Kysely<DB>,
  organizationId: string,
  eventId: string,
): Promise<EventIntent | undefined> {
  return db
    .selectFrom("event_intents")
    .select(["event_id as eventId", "acknowledged_at as acknowledgedAt", "erased_at as erasedAt"])
    .where("event_id", "=", eventId)
    .where("organization_id", "=", organizationId)
    .executeTakeFirst();
}
