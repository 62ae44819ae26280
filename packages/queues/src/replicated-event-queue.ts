import type { Redis } from "ioredis";
import type { EventQueue } from "./event-queue.ts";

/** The event is on the master's disk, and no replica said in time that it has it too. */
export class NotReplicatedError extends Error {
  override name = "NotReplicatedError";
}

/**
 * An event queue that answers only when one replica has what was written. `WAIT` covers all that its connection wrote
 * before, and blocks it: so one goes out for everything that was answered in a turn of the event loop, and what comes
 * meanwhile shares the next one. `connection` must name the very connection that the queue's writes go over at this moment,
 * and nobody else's.
 *
 * A repeat writes too (an entry of the queue's stream), so that its answer also proves the first event replicated.
 */
export function createReplicatedEventQueue(
  queue: EventQueue,
  options: { connection: () => Redis; waitMs: number; onMissing: () => void },
): EventQueue {
  const { connection, waitMs, onMissing } = options;
  let next: Promise<void> | undefined;

  async function confirm(redis: Redis): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    next = undefined;
    const replicas = await redis.wait(1, waitMs);
    if (replicas >= 1) return;
    onMissing();
    throw new NotReplicatedError(`no replica had the event within ${waitMs} ms`);
  }

  async function confirmed<T>(write: Promise<T>): Promise<T> {
    const result = await write;
    // The connection of now, not of after the turn: a new one would confirm whatever the old one wrote.
    next ??= confirm(connection());
    await next;
    return result;
  }

  return {
    ...queue,
    enqueue: (...event) => confirmed(queue.enqueue(...event)),
    enqueueMany: (events) => confirmed(queue.enqueueMany(events)),
  };
}
