import { DomainError } from "@triggers/domain";
import type { EnqueueResult, EventQueue } from "@triggers/queues";
import type { Deadline } from "../http/deadline.ts";
import { queueFull } from "./queue-depth.ts";
import { admitToQueue, type QueueAdmission } from "./admit-to-queue.ts";
import { type Acceptance, judgeResult, planEvent, type Repeatable, type Submission } from "./submission.ts";

export interface AcceptDeps extends QueueAdmission {
  queue: EventQueue;
  /** Milliseconds since 1970. */
  now: () => number;
  dedupWindowMs: number;
}

/**
 * Makes the event durable in the queue. A 503 after a timeout means *unknown*: the event may have been written, and
 * a retry with the same dedup id or idempotency key finds it.
 */
export async function acceptEvent(
  deps: AcceptDeps,
  submission: Submission,
  repeatable: Repeatable,
  deadline: Deadline,
): Promise<Acceptance> {
  const planned = planEvent(deps, submission, repeatable);
  const { id, job, dedup } = planned;
  const priority = admitToQueue(deps, planned);
  let result: EnqueueResult;
  try {
    result = await deadline.race(deps.queue.enqueue(id, job, dedup, priority));
  } catch (cause) {
    throw isOutOfMemory(cause)
      ? queueFull("The queue's memory is full; try again shortly.", cause)
      : queueUnavailable(cause);
  }
  if (dedup && result.outcome === "enqueued") deps.dedupWindow.count(job.org);
  return judgeResult(id, result, submission, repeatable);
}

/** Redis refuses a write before it begins when its memory is full: nothing was accepted. */
function isOutOfMemory(error: unknown): boolean {
  return Error.isError(error) && error.name === "ReplyError" && /\bOOM\b/.test(error.message);
}

export function queueUnavailable(cause: unknown): DomainError {
  return new DomainError(
    "queue_unavailable",
    "The queue did not answer in time. What was sent may have been accepted: retry with the same dedup_id or Idempotency-Key.",
    { cause },
  );
}
