import { type EventJob, queueNames } from "@triggers/domain";
import { Job, type JobsOptions, Queue } from "bullmq";
import type { RedisClient } from "@triggers/runtime";
import { queueOptions, shortenEventStream } from "./queue-options.ts";

export interface EventQueue {
  /**
   * Makes the event durable, atomically with the decision whether it repeats an earlier one: one round trip. A
   * rejection means *unknown*: the event may have been written, and sending it again with the same id is safe.
   */
  enqueue(
    id: string,
    job: EventJob,
    dedup?: EventToEnqueue["dedup"],
    priority?: EventPriority,
  ): Promise<EnqueueResult>;
  /**
   * As `enqueue`, for many in few round trips, in their order. It is no transaction: a rejection means that each of them
   * is unknown; sending all again with the same ids is safe and makes sure.
   */
  enqueueMany(events: readonly EventToEnqueue[]): Promise<EnqueueResult[]>;
  /** The raw data of an event that has not been persisted yet. Without its organization every shard is asked. */
  find(id: string, organizationId?: string): Promise<unknown>;
  /** Writes over the data of an event that is still queued; one that is gone is left alone. */
  replace(id: string, job: EventJob): Promise<void>;
  /** Events that are not persisted yet, in whatever state. */
  depth(): Promise<number>;
  /** Hands failed jobs back to the persist step, which decides on them; returns how many. */
  requeueFailed(limit: number): Promise<number>;
  close(): Promise<void>;
}

export interface EventToEnqueue {
  id: string;
  job: EventJob;
  dedup?: { key: string; windowMs: number } | undefined;
  priority?: EventPriority;
}

/** `low` waits until no other does. */
export type EventPriority = "normal" | "low";

export type EnqueueResult = { outcome: "enqueued" } | { outcome: "duplicate"; firstId: string };

const maxPipelined = 100;

export function createEventQueue(client: RedisClient, prefix: string): EventQueue {
  const queue = new Queue<EventJob>(queueNames.events, queueOptions(client, prefix));
  // Without a listener a lost connection would end the process; the client's own listener logs it.
  queue.on("error", () => undefined);
  shortenEventStream(client, queue);
  return {
    async enqueue(id, data, dedup, priority) {
      const job = await queue.add("event", data, jobOptions(id, dedup, priority));
      return resultOf(id, job.id ?? id);
    },
    async enqueueMany(events) {
      const results: EnqueueResult[] = [];
      // Redis serves nobody else until it has taken a whole pipeline in.
      for (let start = 0; start < events.length; start += maxPipelined)
        results.push(...(await addBulk(queue, events.slice(start, start + maxPipelined))));
      return results;
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

async function addBulk(queue: Queue<EventJob>, events: readonly EventToEnqueue[]): Promise<EnqueueResult[]> {
  const jobs = await queue.addBulk(
    events.map(({ id, job, dedup, priority }) => ({
      name: "event",
      data: job,
      opts: jobOptions(id, dedup, priority),
    })),
  );
  return events.map(({ id }, index) => {
    const given = jobs[index]?.id;
    // Unlike a single add, a bulk add lets the codes of its script's refusals pass as ids.
    if (typeof given !== "string") throw new Error(`the queue refused an event: ${String(given)}`);
    return resultOf(id, given);
  });
}

function jobOptions(
  id: string,
  dedup: EventToEnqueue["dedup"],
  priority: EventPriority = "normal",
): JobsOptions {
  return {
    jobId: id,
    // Any number is below jobs without one.
    ...(priority === "low" ? { priority: 1 } : {}),
    ...(dedup ? { deduplication: { id: dedup.key, ttl: dedup.windowMs } } : {}),
  };
}

/** On a repeat BullMQ answers with the first job's id, and with our data: only the id can be trusted. */
function resultOf(id: string, given: string): EnqueueResult {
  return given === id ? { outcome: "enqueued" } : { outcome: "duplicate", firstId: given };
}
