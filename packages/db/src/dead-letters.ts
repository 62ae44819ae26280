import type { Database } from "./connect.ts";
import { findEventIntent } from "./persist/event-intents.ts";
import { lockFeeds } from "./persist/lock-feeds.ts";

export interface NewDeadLetter {
  eventId: string;
  organizationId: string | null;
  /** The job's data as JSON bytes: everything that is needed to try again. */
  job: Buffer;
  reason: string;
  errorCode: string | null;
}

/**
 * Written before the job is let go of; a second run leaves the first row. Of an event that was erased while it was queued
 * only the fact is kept: the feed's lock orders this against the erasure.
 */
export async function insertDeadLetter(db: Database, letter: NewDeadLetter): Promise<void> {
  const { eventId, organizationId } = letter;
  await db.transaction().execute(async (tx) => {
    if (organizationId !== null) await lockFeeds(tx, new Map([[organizationId, 0]]));
    const intent = organizationId === null ? undefined : await findEventIntent(tx, organizationId, eventId);
    const isErased = (intent?.erasedAt ?? null) !== null;
    await tx
      .insertInto("dead_letters")
      .values({
        event_id: eventId,
        organization_id: organizationId,
        job: isErased ? Buffer.alloc(0) : letter.job,
        reason: isErased ? "erased" : letter.reason,
        error_code: letter.errorCode,
      })
      .onConflict((conflict) => conflict.column("event_id").doNothing())
      .execute();
  });
}
