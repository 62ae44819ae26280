import { DomainError } from "@triggers/domain";

export interface QueueDepth {
  /** Throws `queue_full` while the last sample stood above the limit; for low priority that is 70 % of it. */
  requireRoom(isLow: boolean): void;
  /** Whether enough events wait that the order in which they are taken matters. */
  hasBacklog(): boolean;
}

/** The rest of the queue is for those who send no more than their share. */
const lowPriorityShare = 0.7;

/** Samples the depth while there is traffic; counting it for every request would cost one more round trip each. */
export function createQueueDepth(options: {
  readDepth: () => Promise<number>;
  maxDepth: number;
  /** So many are a backlog. */
  backlogFrom: number;
  sampleMs?: number;
}): QueueDepth {
  const { readDepth, maxDepth, backlogFrom, sampleMs = 500 } = options;
  let depth = 0;
  let sampledAt = -Infinity;
  let isSampling = false;

  function sample() {
    isSampling = true;
    readDepth()
      .then(
        (count) => (depth = count),
        // With Redis away the enqueue itself will say so.
        () => undefined,
      )
      .finally(() => {
        sampledAt = performance.now();
        isSampling = false;
      });
  }

  return {
    hasBacklog: () => depth >= backlogFrom,
    requireRoom(isLow) {
      if (!isSampling && performance.now() - sampledAt >= sampleMs) sample();
      if (depth <= (isLow ? maxDepth * lowPriorityShare : maxDepth)) return;
      throw new DomainError(
        "queue_full",
        isLow
          ? "Too many events wait to be persisted, and yours are more than your share; try again shortly."
          : `More than ${maxDepth} events wait to be persisted; try again shortly.`,
        {
          headers: { "Retry-After": "5" },
        },
      );
    },
  };
}
