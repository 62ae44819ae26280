import { setTimeout as sleep } from "node:timers/promises";

/** The work was given up because the worker drains; the job must go back to its queue. */
export class DrainedError extends Error {
  override name = "DrainedError";
}

const firstDelayMs = 100;
const maxDelayMs = 5_000;

/**
 * Repeats what failed for a reason of its surroundings, with capped and jittered delays, until it works: an outage
 * burns no attempts. `onError` may throw to give up.
 * @throws {DrainedError} when the signal comes first
 */
export async function retryInPlace<T>(
  work: () => Promise<T>,
  options: { signal: AbortSignal; onError: (error: unknown) => void | Promise<void>; maxDelayMs?: number },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      await options.onError(error);
      const delayMs = Math.min(firstDelayMs * 2 ** attempt, options.maxDelayMs ?? maxDelayMs);
      await sleep(delayMs * (0.5 + Math.random() / 2), undefined, { signal: options.signal }).catch(() => {
        throw new DrainedError("drained while waiting to repeat", { cause: error });
      });
    }
  }
}
