import { type DeliveryJob, deliveryJobId, queueNames, requestedJobId } from "@triggers/domain";
import { Queue } from "bullmq";
import type { RedisClient } from "@triggers/runtime";
import { queueOptions, shortenEventStream } from "./queue-options.ts";

export interface DeliveryToEnqueue {
  deliveryId: string;
  eventId: string;
  endpointId: string;
  scheduleStep: number;
  delayMs: number;
  /** From 1, the lower the sooner; without one before all that have one. */
  priority?: number;
}

/** An attempt that was asked for beside the schedule. */
export interface RequestedDelivery {
  deliveryId: string;
  eventId: string;
  endpointId: string;
  /** That the attempt will have. */
  number: number;
}

export interface DeliveryQueues {
  /**
   * Adds one job per step; a job that is there already stays as it is. Not atomic: after a rejection each is unknown,
   * and the sweeper will add what is missing.
   */
  enqueue(deliveries: readonly DeliveryToEnqueue[]): Promise<void>;
  /** The same for attempts that were asked for: they are made at once, among the first attempts. */
  enqueueRequested(deliveries: readonly RequestedDelivery[]): Promise<void>;
  close(): Promise<void>;
}

/** First attempts and retries wait in queues of their own, so that a flood of retries delays no first attempt. */
export function createDeliveryQueues(client: RedisClient, prefix: string): DeliveryQueues {
  const [first, retries] = [queueNames.deliveries, queueNames.retries].map((name) => {
    const queue = new Queue<DeliveryJob>(name, queueOptions(client, prefix));
    queue.on("error", () => undefined);
    shortenEventStream(client, queue);
    return queue;
  }) as [Queue<DeliveryJob>, Queue<DeliveryJob>];
  return {
    async enqueue(deliveries) {
      const jobs = deliveries.map((delivery) => ({
        name: "deliver",
        data: { v: 1 as const, e: delivery.eventId, p: delivery.endpointId, s: delivery.scheduleStep },
        opts: {
          jobId: deliveryJobId(delivery.deliveryId, delivery.scheduleStep),
          ...(delivery.delayMs > 0 ? { delay: Math.ceil(delivery.delayMs) } : {}),
          ...(delivery.priority ? { priority: delivery.priority } : {}),
        },
      }));
      await Promise.all([
        addAll(
          first,
          jobs.filter(({ data }) => data.s === 0),
        ),
        addAll(
          retries,
          jobs.filter(({ data }) => data.s > 0),
        ),
      ]);
    },
    enqueueRequested: (deliveries) =>
      addAll(
        first,
        deliveries.map(({ deliveryId, eventId, endpointId, number }) => ({
          name: "deliver",
          data: { v: 1 as const, e: eventId, p: endpointId, s: 0, m: number },
          opts: { jobId: requestedJobId(deliveryId, number) },
        })),
      ),
    async close() {
      await Promise.all([first.close(), retries.close()]);
    },
  };
}

async function addAll(
  queue: Queue<DeliveryJob>,
  jobs: Parameters<Queue<DeliveryJob>["addBulk"]>[0],
): Promise<void> {
  if (jobs.length > 0) await queue.addBulk(jobs);
}
