import { DelayedError, type Job, Worker } from "bullmq";
import type { RedisClient } from "@triggers/runtime";

/** A job as a processor sees it; BullMQ stays in this package. */
export interface ReceivedJob {
  id: string;
  data: unknown;
  /** How often it has failed before. */
  failures: number;
  /** How often a worker died, or froze, with it in hand. */
  stalls: number;
  /** Puts it off without counting it as a failure. Must be awaited and its result returned. */
  postpone(delayMs: number): Promise<never>;
}

export interface Consumer {
  /** Takes no further jobs and resolves when those in hand are done. */
  close(): Promise<void>;
  /** Lets go at once: what is in hand comes back on another worker as a stalled job. */
  abandon(): Promise<void>;
}

export interface ConsumerOptions {
  queueName: string;
  connection: RedisClient;
  prefix: string;
  concurrency: number;
  process: (job: ReceivedJob) => Promise<void>;
  /** A lost connection, and what a job failed with. */
  onError: (error: Error) => void;
  /**
   * Whether a job that failed stays in its queue, for a reaper. Where jobs are made anew from Postgres it must vanish:
   * nothing can be added under its id while it is there.
   */
  keepsFailed: boolean;
  /** How long a job stays its worker's own without a sign of life. */
  lockMs?: number;
  /** How often jobs of dead workers are looked for. */
  stalledCheckMs?: number;
}

/**
 * A BullMQ worker whose jobs are never lost: however often a job's worker dies, it comes back. A crashed worker's
 * jobs return after at most `lockMs + 2 × stalledCheckMs`.
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  const worker = new Worker(
    options.queueName,
    async (job: Job, token?: string) => {
      await options.process({
        id: job.id ?? "",
        data: job.data as unknown,
        failures: job.attemptsMade,
        stalls: job.stalledCounter,
        async postpone(delayMs) {
          await job.moveToDelayed(Date.now() + delayMs, token);
          throw new DelayedError();
        },
      });
    },
    {
      connection: options.connection,
      prefix: `{${options.prefix}}`,
      concurrency: options.concurrency,
      lockDuration: options.lockMs ?? 15_000,
      stalledInterval: options.stalledCheckMs ?? 5_000,
      // One stall too many would fail the job; the persist step has its own rule for jobs that kill their workers.
      maxStalledCount: 1_000_000,
      removeOnComplete: { count: 0 },
      ...(options.keepsFailed ? {} : { removeOnFail: { count: 0 } }),
      // After an outage the locks have run out: finish at once, before another worker takes the jobs as stalled.
      runRetryDelay: 500,
    },
  );
  worker.on("error", options.onError);
  worker.on("failed", (_job, error) => options.onError(error));
  return { close: () => worker.close(), abandon: () => worker.close(true) };
}
