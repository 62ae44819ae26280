import type { EventQueue, EventToEnqueue } from "@triggers/queues";
import type { Deadline } from "../http/deadline.ts";
import { type AcceptDeps, queueUnavailable } from "./accept-event.ts";
import { admitToQueue } from "./admit-to-queue.ts";
import type { IdempotencyKey } from "./idempotency-key.ts";
import { type Acceptance, judgeResult, keyReusedError, planEvent, type Submission } from "./submission.ts";

/** An event of a batch and its place in it. */
export interface BatchItem {
  index: number;
  submission: Submission;
}

/**
 * Makes the events durable in as few round trips as may be and says of each what became of it. With an idempotency key it takes one more:
 * the first event that has no dedup id of its own is the anchor, which goes ahead and tells whether the key came with
 * another body before. Whoever dies between the two has its client's retry find the anchor and add the others.
 */
export async function acceptBatch(
  deps: AcceptDeps,
  items: readonly BatchItem[],
  key: IdempotencyKey | undefined,
  deadline: Deadline,
): Promise<Acceptance[]> {
  const anchor = key && items.find(({ submission }) => submission.dedupParts === undefined);
  const planned = items.map((item) => {
    const event = planEvent(deps, item.submission, { key, index: item.index, isAnchor: item === anchor });
    return { ...event, priority: admitToQueue(deps, event) };
  });
  const enqueue = (events: readonly EventToEnqueue[]) =>
    deadline.race(enqueueSurely(deps.queue, events), queueUnavailable);

  const first = planned[anchor ? items.indexOf(anchor) : -1];
  if (anchor && first) {
    const [result] = await enqueue([first]);
    const found = result && judgeResult(first.id, result, anchor.submission, { key, index: anchor.index });
    if (found?.outcome === "key_reused") throw keyReusedError();
  }
  const results = await enqueue(planned);
  return items.map(({ submission, index }, n) => {
    const [event, result] = [planned[n], results[n]];
    if (!event || !result) throw new Error("the queue did not answer for every event");
    if (event.dedup && result.outcome === "enqueued") deps.dedupWindow.count(event.job.org);
    return judgeResult(event.id, result, submission, { key, index });
  });
}

/** After an error each event is unknown: all are sent once more, with the same ids, which adds only what is missing. */
async function enqueueSurely(queue: EventQueue, events: readonly EventToEnqueue[]) {
  try {
    return await queue.enqueueMany(events);
  } catch {
    return await queue.enqueueMany(events).catch((cause: unknown) => {
      throw queueUnavailable(cause);
    });
  }
}
