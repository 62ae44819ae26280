import { DomainError } from "@triggers/domain";

export interface CheckGate {
  /** Runs the task when its turn comes; a `key_check_busy` when it would have to wait too long. */
  run<T>(task: () => Promise<T>): Promise<T>;
  isIdle(): boolean;
}

interface Options {
  concurrency: number;
  maxWaiting: number;
  /** What has waited longer is given up without having begun: nobody waits for it any more. */
  maxWaitMs: number;
}

/**
 * Few at a time, few in line. Refusals are a 503 and never a 401, since the key may be a good one that came in the
 * middle of a flood of bad ones.
 */
export function createCheckGate({ concurrency, maxWaiting, maxWaitMs }: Options): CheckGate {
  const line: { startsBefore: number; start: (isLate: boolean) => void }[] = [];
  let running = 0;

  function next(): void {
    running -= 1;
    while (running < concurrency) {
      const first = line.shift();
      if (!first) return;
      const isLate = performance.now() > first.startsBefore;
      if (!isLate) running += 1;
      first.start(isLate);
    }
  }

  return {
    async run(task) {
      if (running < concurrency) running += 1;
      else {
        if (line.length >= maxWaiting) throw busy();
        const isLate = await new Promise<boolean>((start) => {
          line.push({ startsBefore: performance.now() + maxWaitMs, start });
        });
        if (isLate) throw busy();
      }
      try {
        return await task();
      } finally {
        next();
      }
    },
    isIdle: () => running === 0 && line.length === 0,
  };
}

function busy(): DomainError {
  return new DomainError(
    "key_check_busy",
    "Too many API keys wait to be checked or made. This one may be good: try again shortly.",
  );
}
