import { type Kysely, sql } from "kysely";
import type { Database } from "./connect.ts";
import { cancelOpenDeliveriesIn } from "./deliveries/cancel-deliveries.ts";
import { recordErasureIntent } from "./persist/event-intents.ts";
import { lockFeeds } from "./persist/lock-feeds.ts";
import type { DB } from "./schema.ts";

/**
 * Leaves of a stored event, or of a dead letter, only that there was one: what its sender wrote and what receivers
 * answered goes, open deliveries are cancelled, and nobody gets it from the inbox any more. An attempt in flight
 * loses its claim and so records nothing afterwards. Returns false when the organization has none; again is no harm.
 */
export async function eraseStoredEvent(
  db: Database,
  organizationId: string,
  eventId: string,
): Promise<boolean> {
  return db.transaction().execute((tx) => eraseIn(tx, organizationId, eventId));
}

/**
 * Erases an event that is accepted but was not found stored: with the organization's feed locked, either its batch has
 * committed by now, or it will find the intent that is left here and store nothing of the payload.
 */
export async function eraseQueuedEvent(db: Database, organizationId: string, eventId: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const feeds = await lockFeeds(tx, new Map([[organizationId, 0]]));
    // An organization without a feed is erased as a whole: the persist step drops its events.
    if (!feeds.has(organizationId) || (await eraseIn(tx, organizationId, eventId))) return;
    await recordErasureIntent(tx, organizationId, eventId);
  });
}

async function eraseIn(tx: Kysely<DB>, organizationId: string, eventId: string): Promise<boolean> {
  const { rows: letters } = await sql`
    UPDATE dead_letters SET job = '', reason = 'erased'
    WHERE event_id = ${eventId} AND organization_id = ${organizationId} RETURNING 1`.execute(tx);
  const { rows: events } = await sql`
    UPDATE events SET payload = NULL, cloudevent = NULL, metadata = NULL, erased_at = coalesce(erased_at, now()),
      inbox_status = 'acknowledged', acknowledged_at = coalesce(acknowledged_at, now()),
      lease_id = NULL, leased_until = NULL, available_at = NULL, updated_at = now()
    WHERE id = ${eventId} AND organization_id = ${organizationId} RETURNING 1`.execute(tx);
  if (events.length === 0) return letters.length > 0;
  await cancelOpenDeliveriesIn(tx, [eventId]);
  await sql`
    UPDATE attempts SET response_headers = NULL, response_body = NULL, error_detail = NULL
    WHERE event_id = ${eventId}`.execute(tx);
  return true;
}
