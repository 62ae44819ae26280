import { isPromise } from "node:util/types";

/** Thrown when a call outside the process did not come back in time; it may still succeed later. */
export class DeadlineError extends Error {
  override name = "DeadlineError";
}

export interface Deadline {
  /**
   * Waits for the call as long as time is left; time between calls (a slow upload) is not counted. A result that is
   * there at once costs no timer. `onExpiry` makes the error of a call that did not come back.
   */
  race<T>(call: T | Promise<T>, onExpiry?: (cause: DeadlineError) => Error): T | Promise<T>;
}

/** One budget of time for all calls that a request makes outside the process. */
export function createDeadline(totalMs: number): Deadline {
  let leftMs = totalMs;
  return {
    race<T>(call: T | Promise<T>, onExpiry = (cause: DeadlineError): Error => cause) {
      if (!isPromise(call)) return call;
      const startedAt = performance.now();
      return new Promise<T>((resolve, reject) => {
        // What comes after the deadline is nobody's; settling twice changes nothing.
        const timer = setTimeout(
          () => reject(onExpiry(new DeadlineError(`no answer within ${totalMs} ms`))),
          Math.max(0, leftMs),
        );
        // Counted before the caller goes on: its next call must find the time that is really left.
        const count = () => {
          clearTimeout(timer);
          leftMs -= performance.now() - startedAt;
        };
        call.then(
          (value) => {
            count();
            resolve(value);
          },
          (error: unknown) => {
            count();
            // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
            reject(error);
          },
        );
      });
    },
  };
}
