import { eraseQueuedEvent, eraseStoredEvent } from "@triggers/db";
import { DomainError, erasedEventJob } from "@triggers/domain";
import { type LookupDeps, lookUpEvent } from "./find-event.ts";

/**
 * Erases an event wherever it is; again is no harm. Of a queued event the erasure is written down first, for the worker
 * that holds its payload already, and then the payload goes from Redis too: a call that fails in between is to be
 * repeated.
 */
export async function eraseEvent(deps: LookupDeps, organizationId: string, eventId: string): Promise<void> {
  const found = await lookUpEvent(deps, organizationId, eventId, async () => {
    const isErased = await eraseStoredEvent(deps.db, organizationId, eventId);
    return isErased ? true : undefined;
  });
  if ("stored" in found) return;
  await eraseQueuedEvent(deps.db, organizationId, eventId);
  await deps.queue.replace(eventId, erasedEventJob(found.queued)).catch((cause: unknown) => {
    throw new DomainError("queue_unavailable", "The event is only partly erased; repeat the request.", {
      cause,
    });
  });
}
