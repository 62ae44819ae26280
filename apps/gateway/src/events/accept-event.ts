import { createEventId, dedupKeyOf, DomainError, type EventJob, timeOfId } from "@triggers/domain";
import type { EventQueue } from "@triggers/queues";
import type { Deadline } from "../http/deadline.ts";
import type { QueueDepth } from "./queue-depth.ts";

export interface AcceptDeps {
  queue: EventQueue;
  queueDepth: QueueDepth;
  /** Milliseconds since 1970. */
  now: () => number;
  dedupWindowMs: number;
}

export type Acceptance =
  { outcome: "accepted"; id: string; createdAt: Date } | { outcome: "duplicate"; firstId: string };

/**
 * Makes the event durable in the queue. A 503 after a timeout means *unknown*: the event may have been written, and
 * a retry with the same dedup id finds it.
 */
export async function acceptEvent(deps: AcceptDeps, job: EventJob, deadline: Deadline): Promise<Acceptance> {
  deps.queueDepth.requireRoom();
  const id = createEventId(deps.now());
  const dedup =
    job.dedup === undefined
      ? undefined
      : { key: dedupKeyOf("dedup", job.org, job.dedup), windowMs: deps.dedupWindowMs };
  const unknown = (cause: unknown) =>
    new DomainError(
      "queue_unavailable",
      "The queue did not answer in time. The event may have been accepted: retry with the same dedup_id.",
      { cause },
    );
  const enqueued = deps.queue.enqueue(id, job, dedup).catch((cause: unknown) => {
    throw unknown(cause);
  });
  const result = await deadline.race(enqueued, unknown);
  if (result.outcome === "duplicate") return result;
  return { outcome: "accepted", id, createdAt: new Date(timeOfId(id)) };
}
