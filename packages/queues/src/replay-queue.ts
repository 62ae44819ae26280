import { queueNames, type ReplayJob } from "@triggers/domain";
import { Queue } from "bullmq";
import type { RedisClient } from "@triggers/runtime";
import { queueOptions, shortenEventStream } from "./queue-options.ts";

export interface ReplayQueue {
  /** Wakes a worker for these replays; one that is waited for already is left as it is. */
  enqueue(replayIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Replays of many deliveries: a job only says that there is work, its extent and progress are Postgres'. */
export function createReplayQueue(client: RedisClient, prefix: string): ReplayQueue {
  const queue = new Queue<ReplayJob>(queueNames.replays, queueOptions(client, prefix));
  queue.on("error", () => undefined);
  shortenEventStream(client, queue);
  return {
    async enqueue(replayIds) {
      if (replayIds.length === 0) return;
      await queue.addBulk(
        replayIds.map((id) => ({ name: "replay", data: { v: 1 as const, r: id }, opts: { jobId: id } })),
      );
    },
    close: () => queue.close(),
  };
}
