import type { RedisClient } from "@triggers/runtime";
import { DelayedError, Job, Worker } from "bullmq";
import { setTimeout as pause } from "node:timers/promises";
import { keepLocks } from "./keep-locks.ts";

/** A job as a processor sees it; BullMQ stays in this package. */
export interface ReceivedJob {
  id: string;
  data: unknown;
  /** How often it has failed before. */
  failures: number;
  /** How often a worker died, or froze, with it in hand. */
  stalls: number;
  /** How often `noteAlone` was called, by whichever worker. */
  timesAlone: number;
  /** Keeps in Redis that it runs with no other beside it, before it does. Rejects while Redis is away. */
  noteAlone(): Promise<void>;
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

/** As many are asked for at once, at most: they share one write to Redis, and one sync of its file. */
const maxWidth = 64;
/** After an outage the locks have run out: finish soon, before another worker takes the jobs as stalled. */
const repeatMs = 500;

/**
 * A BullMQ worker whose jobs are never lost: however often a job's worker dies, it comes back. A crashed worker's
 * jobs return after at most `lockMs + 2 × stalledCheckMs`.
 *
 * The loop is our own. BullMQ's takes jobs one round trip after the other, each with a sync of Redis' file, and begins
 * none of them before it has taken all that it may: a job waits for those that were added with it. This one begins
 * each as it comes, and asks for twice as many at once as long as the queue has them.
 */
export function createConsumer(options: ConsumerOptions): Consumer {
  const { lockMs = 6_000, onError } = options;
  const worker = new Worker(options.queueName, null, {
    autorun: false,
    connection: options.connection,
    prefix: `{${options.prefix}}`,
    lockDuration: lockMs,
    stalledInterval: options.stalledCheckMs ?? 2_000,
    // One stall too many would fail the job; the persist step has its own rule for jobs that kill their workers.
    maxStalledCount: 1_000_000,
    removeOnComplete: { count: 0 },
    ...(options.keepsFailed ? {} : { removeOnFail: { count: 0 } }),
  });
  worker.on("error", onError);
  void worker.startStalledCheckTimer();

  const locks = keepLocks(worker, lockMs, onError);
  const running = new Set<Promise<void>>();
  let isClosing = false;
  let isAbandoned = false;
  let tokens = 0;
  let tellOfFreeSlot = (): void => undefined;

  const hasClosed = () => isClosing;

  async function takeAll(): Promise<void> {
    let width = 1;
    while (!hasClosed()) {
      const free = options.concurrency - running.size;
      if (free <= 0) {
        await new Promise<void>((resolve) => {
          tellOfFreeSlot = resolve;
        });
        continue;
      }
      const isWaiting = width === 1;
      try {
        const taken = await Promise.all(Array.from({ length: Math.min(width, free) }, () => take(isWaiting)));
        width = taken.every(Boolean) ? Math.min(width * 2, maxWidth) : 1;
      } catch (error) {
        width = 1;
        // Closing ends the waiting with an error.
        if (hasClosed()) return;
        onError(error as Error);
        await pause(repeatMs);
      }
    }
  }

  /** Begins with the next job; false when there is none. `isWaiting` waits some seconds for one. */
  async function take(isWaiting: boolean): Promise<boolean> {
    const token = `${worker.id}:${(tokens += 1)}`;
    const job = (await worker.getNextJob(token, { block: isWaiting })) as Job | undefined;
    if (!job) return false;
    if (isClosing) {
      await job.moveToWait(token);
      return false;
    }
    const work = run(job, token).finally(() => {
      running.delete(work);
      tellOfFreeSlot();
    });
    running.add(work);
    return true;
  }

  /** The job, and those that Redis hands over in its place when it ends. */
  async function run(first: Job, token: string): Promise<void> {
    for (let job: Job | undefined = first; job;) {
      locks.hold(token, job.id ?? "");
      const outcome: Outcome = await attempt(job, token);
      locks.release(token);
      job = outcome === "postponed" ? undefined : await finish(job, token, outcome);
    }
  }

  async function attempt(job: Job, token: string): Promise<Outcome> {
    try {
      await options.process({
        id: job.id ?? "",
        data: job.data as unknown,
        failures: job.attemptsMade,
        stalls: job.stalledCounter,
        timesAlone: timesAloneOf(job),
        async noteAlone() {
          await job.updateProgress(timesAloneOf(job) + 1).catch((error: unknown) => {
            if (!isRefusal(error)) throw error; // another worker has ended it
          });
        },
        async postpone(delayMs) {
          await job.moveToDelayed(Date.now() + delayMs, token);
          throw new DelayedError();
        },
      });
      return "done";
    } catch (error) {
      if (error instanceof DelayedError) return "postponed";
      onError(error as Error);
      return error as Error;
    }
  }

  /** Until Redis knows of it, or says that the job is no longer ours. */
  async function finish(job: Job, token: string, outcome: Error | "done"): Promise<Job | undefined> {
    for (;;) {
      try {
        const next =
          outcome === "done"
            ? ((await job.moveToCompleted(undefined, token, !isClosing)) as NextJob)
            : ((await job.moveToFailed(outcome, token, !isClosing)) as NextJob);
        return next?.[0] ? Job.fromJSON(worker, next[0], next[1]) : undefined;
      } catch (error) {
        if (isAbandoned) return undefined;
        onError(error as Error);
        if (isRefusal(error)) return undefined;
        await pause(repeatMs);
      }
    }
  }

  const taking = takeAll();

  return {
    async close() {
      isClosing = true;
      tellOfFreeSlot();
      // Told first that it closes, BullMQ takes the lost connection for what it is: nobody waits for a job any more.
      const closed = worker.close();
      await worker.getBackend().disconnectBlocking();
      // A job that it was just given goes back at once. The connection for these is not BullMQ's own and stays open.
      while (running.size > 0) await Promise.all(running);
      await Promise.all([closed, taking]);
      locks.stop();
    },
    async abandon() {
      isClosing = true;
      isAbandoned = true;
      locks.stop();
      await worker.close(true);
    },
  };
}

type Outcome = "done" | "postponed" | Error;
type JobJson = Parameters<typeof Job.fromJSON>[1];
type NextJob = [json: JobJson | undefined, id: string] | undefined;

const timesAloneOf = ({ progress }: Job): number => (typeof progress === "number" ? progress : 0);

/** Codes of BullMQ's scripts, all negative: the job or its lock is gone, or it is in another state. */
function isRefusal(error: unknown): boolean {
  return typeof (error as { code?: unknown }).code === "number";
}
