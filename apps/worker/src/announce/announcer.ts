import {
  type Database,
  findLateOperationalEvents,
  type OperationalEvent,
  removeOperationalEvents,
} from "@triggers/db";
import type { EventQueue } from "@triggers/queues";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import type { At } from "../fault-points.ts";

export interface Announcer {
  /** Hands the service's own events to the queue, in the background. What cannot be handed over now is late, not lost. */
  announce(events: readonly OperationalEvent[]): void;
  /** For the sweeper: those that nobody handed over, because a worker died or Redis was away. */
  announceLate(): Promise<void>;
  /** Waits for what goes on in the background. */
  settle(): Promise<void>;
}

const pageSize = 500;

/**
 * From here on an operational event is an event like any other: stored, matched, delivered, retried. The queue has it
 * before its row goes; a crash in between enqueues the same id again, which is stored once.
 */
export function createAnnouncer(deps: {
  db: Database;
  eventQueue: EventQueue;
  logger: Logger;
  at: At;
}): Announcer {
  const { db, eventQueue, logger } = deps;
  const logFailure = createThrottledLog(logger, "warn", "operational events wait for the sweeper");
  const running = new Set<Promise<void>>();

  async function handOver(events: readonly OperationalEvent[]): Promise<void> {
    if (events.length === 0) return;
    await eventQueue.enqueueMany(
      events.map(({ id, organizationId, type, payload }) => ({
        id,
        job: { v: 1, org: organizationId, type, payload, own: true },
      })),
    );
    await deps.at("announce: queued");
    await removeOperationalEvents(
      db,
      events.map(({ id }) => id),
    );
  }

  return {
    announce(events) {
      const work = handOver(events)
        .catch((error: unknown) => logFailure({ error }))
        .finally(() => {
          running.delete(work);
        });
      running.add(work);
    },
    async announceLate() {
      await handOver(await findLateOperationalEvents(db, pageSize));
    },
    async settle() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
