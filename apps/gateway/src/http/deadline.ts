/** Thrown when a call outside the process did not come back in time; it may still succeed later. */
export class DeadlineError extends Error {
  override name = "DeadlineError";
}

export interface Deadline {
  /** Waits for the call as long as time is left. Time between calls (a slow upload) is not counted. */
  race<T>(call: Promise<T>): Promise<T>;
}

/** One budget of time for all calls that a request makes outside the process. */
export function createDeadline(totalMs: number): Deadline {
  let leftMs = totalMs;
  return {
    async race(call) {
      const startedAt = performance.now();
      let timer: NodeJS.Timeout | undefined;
      const expiry = new Promise<never>((_, reject) => {
        timer = setTimeout(reject, Math.max(0, leftMs), new DeadlineError(`no answer within ${totalMs} ms`));
      });
      // What comes after the deadline is nobody's: it must not surface as an unhandled rejection.
      call.catch(() => undefined);
      try {
        return await Promise.race([call, expiry]);
      } finally {
        clearTimeout(timer);
        leftMs -= performance.now() - startedAt;
      }
    },
  };
}
