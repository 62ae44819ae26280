import { isUuid, type QueueName, queueNames, timeOfId } from "@triggers/domain";
import { Queue } from "bullmq";
import type { RedisClient } from "@triggers/runtime";
import { queueOptions } from "./queue-options.ts";

export interface QueueStats {
  name: QueueName;
  waiting: number;
  /** Of organizations above their share: they wait until no other does. */
  prioritized: number;
  active: number;
  delayed: number;
  failed: number;
  /** All that is not done; what admission counts. */
  depth: number;
  /** Since the oldest event that is not persisted was accepted; null for other queues, and while none waits. */
  oldestWaitingMs: number | null;
}

export interface QueueStatsReader {
  read(): Promise<QueueStats[]>;
  close(): Promise<void>;
}

/** Every queue at this moment: a few round trips, so to be sampled and never asked for each request. */
export function createQueueStats(client: RedisClient, prefix: string, now: () => number): QueueStatsReader {
  const names = Object.values(queueNames);
  const queues = names.map((name) => {
    const queue = new Queue(name, queueOptions(client, prefix));
    queue.on("error", () => undefined);
    return { name, queue };
  });

  /** An event's id tells when it was accepted: the job need not be read. */
  async function oldestWaitingMs(queue: Queue): Promise<number | null> {
    const states = ["wait", "prioritized", "active", "delayed"] as const;
    const oldest = await Promise.all(states.map((state) => queue.getRanges([state], 0, 0, true)));
    const times = oldest.flat().filter(isUuid).map(timeOfId);
    return times.length === 0 ? null : Math.max(0, now() - Math.min(...times));
  }

  return {
    read: () =>
      Promise.all(
        queues.map(async ({ name, queue }) => {
          const [counts, oldest] = await Promise.all([
            queue.getJobCounts("wait", "prioritized", "active", "delayed", "failed"),
            name === "events" ? oldestWaitingMs(queue) : null,
          ]);
          const { wait: waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts;
          const depth = waiting + prioritized + active + delayed;
          return { name, waiting, prioritized, active, delayed, failed, depth, oldestWaitingMs: oldest };
        }),
      ),
    async close() {
      await Promise.all(queues.map(({ queue }) => queue.close()));
    },
  };
}
