import { type Database, findEvent } from "@triggers/db";
import { decodeEventJob, DomainError, type EventJob } from "@triggers/domain";
import type { EventQueue } from "@triggers/queues";

export interface LookupDeps {
  db: Database;
  queue: EventQueue;
}

/** The job of an event of this organization that is not persisted yet. */
export async function findQueuedEvent(
  queue: EventQueue,
  organizationId: string,
  id: string,
): Promise<EventJob | undefined> {
  const data = await queue.find(id, organizationId);
  const decoded = data === undefined ? undefined : decodeEventJob(data);
  return decoded?.ok === true && decoded.job.org === organizationId ? decoded.job : undefined;
}

/**
 * Looks where the event may be: Postgres, then the queue, then Postgres once more, since it may have moved in
 * between. With one of them away, an event that the other does not have is unknown, not missing.
 */
export async function lookUpEvent<Stored>(
  deps: LookupDeps,
  organizationId: string,
  id: string,
  readStored: () => Promise<Stored | undefined>,
): Promise<{ stored: Stored } | { queued: EventJob }> {
  let failure: unknown;
  const remember = (error: unknown) => {
    failure ??= error;
    return undefined;
  };
  const first = await readStored().catch(remember);
  if (first) return { stored: first };
  const queued = await findQueuedEvent(deps.queue, organizationId, id).catch(remember);
  if (queued) return { queued };
  const second = await readStored().catch(remember);
  if (second) return { stored: second };
  if (failure !== undefined) {
    throw new DomainError(
      "database_unavailable",
      "The event cannot be looked up right now; try again shortly.",
      {
        cause: failure,
      },
    );
  }
  throw new DomainError("not_found", "There is no such event.");
}

export async function getEvent(deps: LookupDeps, organizationId: string, id: string) {
  return lookUpEvent(deps, organizationId, id, () => findEvent(deps.db, organizationId, id));
}
