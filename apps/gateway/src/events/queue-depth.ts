import { DomainError } from "@triggers/domain";

export interface QueueDepth {
  /** Throws `queue_full` while the last sample stood above the limit. */
  requireRoom(): void;
}

/** Samples the depth while there is traffic; counting it for every request would cost one more round trip each. */
export function createQueueDepth(options: {
  readDepth: () => Promise<number>;
  maxDepth: number;
  sampleMs?: number;
}): QueueDepth {
  const { readDepth, maxDepth, sampleMs = 500 } = options;
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
    requireRoom() {
      if (!isSampling && performance.now() - sampledAt >= sampleMs) sample();
      if (depth <= maxDepth) return;
      throw new DomainError(
        "queue_full",
        `More than ${maxDepth} events wait to be persisted; try again shortly.`,
        {
          headers: { "Retry-After": "5" },
        },
      );
    },
  };
}
