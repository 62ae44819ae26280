import { type Database, runReplayPage } from "@triggers/db";
import { decodeReplayJob } from "@triggers/domain";
import type { ReceivedJob } from "@triggers/queues";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import type { At } from "../fault-points.ts";
import { DrainedError, retryInPlace } from "../retry-in-place.ts";
import type { DeliveryWindow } from "../window/delivery-window.ts";

export interface ReplayDeps {
  db: Database;
  window: DeliveryWindow;
  logger: Logger;
  at: At;
  /** Ends the work of a worker that drains; another one goes on. */
  drained: AbortSignal;
  pageSize?: number;
}

/**
 * The processor of the `replays` queue: page after page until the replay has ended or was cancelled. Each page commits
 * its progress before its deliveries are offered; those that a crash keeps from the window are the sweeper's.
 */
export function createReplayProcessor(deps: ReplayDeps): (job: ReceivedJob) => Promise<void> {
  const { db, window, drained, pageSize = 200 } = deps;
  const logOutage = createThrottledLog(deps.logger, "warn", "replays cannot go on right now");
  const repeated = { signal: drained, onError: (error: unknown) => logOutage({ error }) };

  async function run(replayId: string): Promise<void> {
    for (;;) {
      if (drained.aborted) throw new DrainedError("drained between the pages of a replay");
      const page = await retryInPlace(() => runReplayPage(db, replayId, pageSize), repeated);
      await deps.at("replay: page committed");
      await retryInPlace(() => window.offer(page.due), repeated);
      if (page.isFinished) return;
    }
  }

  return async (job) => {
    const decoded = decodeReplayJob(job.data);
    if (!decoded.ok) {
      if (decoded.reason === "newer_version") await job.postpone(10_000);
      // The row in Postgres is the truth: the sweeper makes a job that can be read.
      deps.logger.error("a replay's job is malformed", { jobId: job.id });
      return;
    }
    try {
      await run(decoded.job.r);
    } catch (error) {
      if (error instanceof DrainedError) await job.postpone(0);
      throw error;
    }
  };
}
