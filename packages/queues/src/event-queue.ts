import { type EventJob, queueNames } from "@triggers/domain";
import { Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { queueOptions, shortenEventStream } from "./queue-options.ts";

export interface EventQueue {
  /**
   * Makes the event durable, atomically with the decision whether it repeats an earlier one: one round trip. A
   * rejection means *unknown*: the event may have been written, and sending it again with the same id is safe.
   */
  enqueue(
    id: string,
    job: EventJob,
    dedup?: { key: string; windowMs: number },
    /** `low` waits until no other does. */
    priority?: "normal" | "low",
  ): Promise<EnqueueResult>;
  /** The raw data of an event that has not been persisted yet. */
  find(id: string): Promise<unknown>;
  /** Writes over the data of an event that is still queued; one that is gone is left alone. */
  replace(id: string, job: EventJob): Promise<void>;
  /** Events that are not persisted yet, in whatever state. */
  depth(): Promise<number>;
  /** Hands failed jobs back to the persist step, which decides on them; returns how many. */
  requeueFailed(limit: number): Promise<number>;
  close(): Promise<void>;
}

export type EnqueueResult = { outcome: "enqueued" } | { outcome: "duplicate"; firstId: string };

export function createEventQueue(client: Redis, prefix: string): EventQueue {
  const queue = new Queue<EventJob>(queueNames.events, queueOptions(client, prefix));
  // Without a listener a lost connection would end the process; the client's own listener logs it.
  queue.on("error", () => undefined);
  shortenEventStream(client, queue);
  return {
    async enqueue(id, data, dedup, priority) {
      const job = await queue.add("event", data, {
        jobId: id,
        // Any number is below jobs without one.
        ...(priority === "low" ? { priority: 1 } : {}),
        ...(dedup ? { deduplication: { id: dedup.key, ttl: dedup.windowMs } } : {}),
      });
      // On a repeat BullMQ answers with the first job's id, and with our data: only the id can be trusted.
      return job.id === undefined || job.id === id
        ? { outcome: "enqueued" }
        : { outcome: "duplicate", firstId: job.id };
    },
    async find(id) {
      const job = await Job.fromId<EventJob>(queue, id);
      return job?.data;
    },
    async replace(id, data) {
      const job = await Job.fromId<EventJob>(queue, id);
      await job?.updateData(data).catch(async (error: unknown) => {
        if (await Job.fromId(queue, id)) throw error;
      });
    },
    async depth() {
      const counts = await queue.getJobCounts("wait", "prioritized", "active", "delayed");
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    async requeueFailed(limit) {
      const failed = await queue.getFailed(0, limit - 1);
      for (const job of failed) await job.retry("failed");
      return failed.length;
    },
    close: () => queue.close(),
  };
}
