import type { Worker } from "bullmq";

export interface Locks {
  hold(token: string, jobId: string): void;
  release(token: string): void;
  stop(): void;
}

/** Renews the locks of jobs that take long, all with one command; most end before it is their turn. */
export function keepLocks(
  worker: Pick<Worker, "extendJobLocks">,
  lockMs: number,
  onError: (error: Error) => void,
): Locks {
  const held = new Map<string, { jobId: string; renewedAt: number }>();

  async function renew(): Promise<void> {
    const now = performance.now();
    const due = [...held].filter(([, { renewedAt }]) => now - renewedAt >= lockMs / 2);
    if (due.length === 0) return;
    for (const [, lock] of due) lock.renewedAt = now;
    await worker
      .extendJobLocks(
        due.map(([, { jobId }]) => jobId),
        due.map(([token]) => token),
        lockMs,
      )
      // The next turn comes in time; and the rows in Postgres decide, whoever runs a job.
      .catch(onError);
  }
  const timer = setInterval(() => void renew(), lockMs / 4);

  return {
    hold: (token, jobId) => held.set(token, { jobId, renewedAt: performance.now() }),
    release: (token) => held.delete(token),
    stop: () => {
      clearInterval(timer);
    },
  };
}
