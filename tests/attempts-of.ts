import type { Database } from "@triggers/db";
import type { Receiver } from "@triggers/testing";

/** The `webhook-id`s of all requests that came, repeats too. */
export const receivedIds = (receiver: Receiver): string[] =>
  receiver.received.map(({ headers }) => String(headers["webhook-id"]));

/** What came more than once, as often as it came too often. */
export function repeatsOf(ids: readonly string[]): string[] {
  const seen = new Set<string>();
  return ids.filter((id) => seen.size === seen.add(id).size);
}

/**
 * What came to the receiver and is not on record. Asked after a worker's death it is what that worker had in flight: the
 * only deliveries that may come again.
 */
export async function findUnrecorded(db: Database, receiver: Receiver): Promise<Set<string>> {
  const rows = await db.selectFrom("deliveries").select("event_id").where("attempts", ">", 0).execute();
  const recorded = new Set(rows.map(({ event_id }) => event_id));
  return new Set(receivedIds(receiver).filter((id) => !recorded.has(id)));
}
