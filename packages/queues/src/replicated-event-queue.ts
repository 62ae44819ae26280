import type { Redis } from "ioredis";
import type { EventQueue } from "./event-queue.ts";

/** The event is on the master's disk, and no replica said in time that it has it too. */
export class NotReplicatedError extends Error {
  override name = "NotReplicatedError";
}

/**
 * An event queue that answers only when one replica has what was written. `WAIT` covers all that its connection wrote
 * before, and blocks it: so one goes out for everything that was answered in a turn of the event loop, and what comes
 * meanwhile shares the next one. `redis` must be the very connection of the queue, and nobody else's.
 *
 * A repeat writes too (an entry of the queue's stream), so that its answer also proves the first event replicated.
 */
export function createReplicatedEventQueue(
  queue: EventQueue,
  options: { redis: Redis; waitMs: number; onMissing: () => void },
): EventQueue {
  const { redis, waitMs, onMissing } = options;
  let next: Promise<void> | undefined;

  async function confirm(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    next = undefined;
    const replicas = await redis.wait(1, waitMs);
    if (replicas >= 1) return;
    onMissing();
    throw new NotReplicatedError(`no replica had the event within ${waitMs} ms`);
  }

  async function confirmed<T>(write: Promise<T>): Promise<T> {
    const result = await write;
    next ??= confirm();
    await next;
    return result;
  }

  return {
    ...queue,
    enqueue: (...event) => confirmed(queue.enqueue(...event)),
    enqueueMany: (events) => confirmed(queue.enqueueMany(events)),
  };
}
