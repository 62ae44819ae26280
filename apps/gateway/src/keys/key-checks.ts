import { availableParallelism } from "node:os";
import { type CheckGate, createCheckGate } from "./check-gate.ts";

/** The bounds on what keys that this process has not seen may cost, however many of them come. */
export interface KeyChecks {
  /** One at a time per key id: what the first one settles, the others need not ask. */
  inTurnOf<T>(keyId: string, task: () => Promise<T>): Promise<T>;
  /** Reads of rows: they share Postgres' connections with honest requests. */
  lookUp<T>(task: () => Promise<T>): Promise<T>;
  /** Comparisons: they run in the thread pool that DNS and files need too, and on the cores of everything else. */
  compare<T>(task: () => Promise<T>): Promise<T>;
}

/** Less than a request's deadline: what is refused here says why. */
const maxWaitMs = 700;

export function createKeyChecks(): KeyChecks {
  const perKeyId = new Map<string, CheckGate>();
  const lookUps = createCheckGate({ concurrency: 3, maxWaiting: 1_000, maxWaitMs });
  const compares = createCheckGate({
    concurrency: Math.max(1, Math.min(2, availableParallelism() - 1)),
    maxWaiting: 64,
    maxWaitMs,
  });
  return {
    async inTurnOf(keyId, task) {
      const gate = perKeyId.get(keyId) ?? createCheckGate({ concurrency: 1, maxWaiting: 4, maxWaitMs });
      perKeyId.set(keyId, gate);
      try {
        return await gate.run(task);
      } finally {
        if (gate.isIdle()) perKeyId.delete(keyId);
      }
    },
    lookUp: (task) => lookUps.run(task),
    compare: (task) => compares.run(task),
  };
}
