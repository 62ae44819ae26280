import { type Database, retryDeadLetter } from "@triggers/db";
import { DomainError, type EventJob } from "@triggers/domain";
import type { EventQueue } from "@triggers/queues";

/** Puts the event back into the queue under its own id. A letter that was retried before is answered the same way. */
export async function retryLetter(
  deps: { db: Database; queue: EventQueue; requireSafety: () => void },
  eventId: string,
): Promise<{ retriedAt: Date }> {
  // Its letter counts as retried afterwards: a Redis that forgets the event would be the end of it.
  deps.requireSafety();
  const retried = await retryDeadLetter(deps.db, eventId, "operator", async (bytes) => {
    // Whatever it holds: the persist step decides whether it is an event by now.
    const job = JSON.parse(bytes.toString()) as EventJob;
    try {
      await deps.queue.enqueue(eventId, job);
    } catch (cause) {
      throw new DomainError(
        "queue_unavailable",
        "The queue cannot be reached right now; retry the letter again shortly.",
        { cause },
      );
    }
  });
  if (!retried) throw new DomainError("not_found", "There is no such dead letter.");
  if (retried === "erased") {
    throw new DomainError("event_erased", "The event was erased; nothing of it is left to retry.");
  }
  return retried;
}
