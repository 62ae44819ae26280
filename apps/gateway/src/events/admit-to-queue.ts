import type { EventPriority, EventToEnqueue } from "@triggers/queues";
import type { DedupWindow } from "../limits/dedup-window.ts";
import type { FairShares } from "./fair-shares.ts";
import type { QueueDepth } from "./queue-depth.ts";

export interface QueueAdmission {
  /** Throws `not_ready` while an accepted event could be lost or get an id of another time. */
  requireSafety: () => void;
  queueDepth: QueueDepth;
  fairShares: FairShares;
  dedupWindow: DedupWindow;
}

/**
 * The last refusals before an event is enqueued, all from memory, and whether it must let others overtake: that is so
 * only while there is a backlog, for organizations above their share.
 */
export function admitToQueue(
  { requireSafety, queueDepth, fairShares, dedupWindow }: QueueAdmission,
  { job, dedup }: EventToEnqueue,
): EventPriority {
  requireSafety();
  if (dedup) dedupWindow.requireRoom(job.org);
  const isLow = fairShares.isAboveShare(job.org) && queueDepth.hasBacklog();
  queueDepth.requireRoom(isLow);
  return isLow ? "low" : "normal";
}
