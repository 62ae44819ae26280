import { DomainError } from "@triggers/domain";

export interface QueueDepth {
  /** Throws `queue_full` while the last sample stands above the limit; for low priority that is 70 % of it. */
  requireRoom(isLow: boolean): void;
  /** Whether enough events wait that the order in which they are taken matters. */
  hasBacklog(): boolean;
}

/** The rest of the queue is for those who send no more than their share. */
const lowPriorityShare = 0.7;
/** A queue that was full is open again below this part of its limit: else it would open and close with every sample. */
const reopenShare = 0.9;
/** Of Redis' memory: above it nobody may publish, so that there is room for what drains the queue. */
const memoryLimits = { closeAt: 0.75, openBelow: 0.72 };

/** Samples the depth while there is traffic; counting it for every request would cost one more round trip each. */
export function createQueueDepth(options: {
  readDepth: () => Promise<number>;
  /** The part of Redis' memory that is used, from memory. */
  usedMemoryShare: () => number;
  maxDepth: number;
  /** So many are a backlog. */
  backlogFrom: number;
  sampleMs?: number;
}): QueueDepth {
  const { readDepth, usedMemoryShare, maxDepth, backlogFrom, sampleMs = 500 } = options;
  let depth = 0;
  let sampledAt = -Infinity;
  let isSampling = false;
  const normal = createGate(maxDepth, maxDepth * reopenShare);
  const low = createGate(maxDepth * lowPriorityShare, maxDepth * lowPriorityShare * reopenShare);
  const memory = createGate(memoryLimits.closeAt, memoryLimits.openBelow);

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
      const [isFull, isFullForLow] = [normal.isClosedAt(depth), low.isClosedAt(depth)];
      if (memory.isClosedAt(usedMemoryShare())) {
        throw queueFull("The queue's memory is nearly full; try again shortly.");
      }
      if (isFull) throw queueFull(`More than ${maxDepth} events wait to be persisted; try again shortly.`);
      if (!isLow || !isFullForLow) return;
      throw queueFull(
        "Too many events wait to be persisted, and yours are more than your share; try again shortly.",
      );
    },
  };
}

/** Closes above a level and opens again only when it has sunk to a lower one. */
function createGate(closeAbove: number, openAt: number): { isClosedAt(level: number): boolean } {
  let isClosed = false;
  return {
    isClosedAt: (level) => (isClosed = isClosed ? level > openAt : level > closeAbove),
  };
}

export function queueFull(sentence: string, cause?: unknown): DomainError {
  return new DomainError("queue_full", sentence, { headers: { "Retry-After": "5" }, cause });
}
