import { type Database, insertDeadLetter } from "@triggers/db";
import { decodeEventJob, isUuid } from "@triggers/domain";
import type { PublishWakeUps, ReceivedJob } from "@triggers/queues";
import { createBatcher, createThrottledLog, type Logger } from "@triggers/runtime";
import type { Announcer } from "../announce/announcer.ts";
import type { At } from "../fault-points.ts";
import { DrainedError, retryInPlace } from "../retry-in-place.ts";
import type { DeliveryWindow } from "../window/delivery-window.ts";
import type { QueuedEvent } from "./persist-batch.ts";
import { persistSafely } from "./persist-safely.ts";

export interface PersistEventsDeps {
  db: Database;
  window: DeliveryWindow;
  announcer: Announcer;
  logger: Logger;
  at: At;
  isDeliveryDisabled: boolean;
  publishWakeUps: PublishWakeUps;
  drained: AbortSignal;
  observeBatch?: (events: number, durationMs: number) => void;
}

/** After so many dead workers a job runs alone. */
const stallsToIsolate = 3;
/**
 * After so many it is put aside, if so many of them may have died of it: those that had it in hand among hundreds say
 * nothing. Workers that die again and again for another reason would else put aside all that they had taken.
 */
const stallsToBury = 10;
const timesAloneToBury = 3;

/**
 * The processor of the `events` queue. Many jobs run at once, and what they hold goes to Postgres in few transactions.
 * Order of writes: Postgres commits, then the delivery jobs are added (or parked), then the event's job ends. A crash after either
 * of the first two runs the job again, which finds the event stored and enqueues what is still pending.
 */
export function createEventProcessor(deps: PersistEventsDeps): (job: ReceivedJob) => Promise<void> {
  const logOutage = createThrottledLog(deps.logger, "warn", "events cannot be persisted right now");
  const repeated = { signal: deps.drained, onError: (error: unknown) => logOutage({ error }) };
  const persist = async (batch: QueuedEvent[]): Promise<undefined[]> => {
    const startedAt = performance.now();
    const due = await persistSafely({ ...deps, logOutage }, batch);
    deps.observeBatch?.(batch.length, performance.now() - startedAt);
    await retryInPlace(() => deps.window.offer(due), repeated);
    return batch.map(() => undefined);
  };
  const batcher = createBatcher(
    {
      // Larger ones bring little more per second, and who comes meanwhile waits longer for them.
      ...{ maxItems: 200, maxBytes: 4 * 1024 * 1024, spacingMs: 5, maxConcurrent: 2 },
      groupOf: ({ job }) => `${job.org} ${job.sub ?? ""}`,
    },
    persist,
  );
  // One at a time: a thousand suspects at once would crowd each other, and all else, out of the connection pool.
  const alone = createBatcher<{ event: QueuedEvent; received: ReceivedJob }, undefined>(
    { maxItems: 1, spacingMs: 0, maxConcurrent: 1 },
    async (suspects) => {
      for (const { received } of suspects) await retryInPlace(() => received.noteAlone(), repeated);
      return persist(suspects.map(({ event }) => event));
    },
  );

  return async (received) => {
    try {
      const decoded = decodeEventJob(received.data);
      if (!decoded.ok && decoded.reason === "newer_version") {
        // A newer gateway speaks to an older worker: one of the updated workers will know it.
        await received.postpone(10_000);
      } else if (!decoded.ok || !isUuid(received.id)) {
        await bury(deps, received, "the job's data is malformed");
      } else if (received.stalls >= stallsToBury && received.timesAlone >= timesAloneToBury) {
        await bury(deps, received, `${received.stalls} workers died with it in hand`);
      } else {
        const event = { id: received.id, job: decoded.job };
        const isSuspect = received.stalls >= stallsToIsolate || received.failures > 0;
        if (isSuspect) await alone.add({ event, received });
        else await batcher.add(event, decoded.job.payload.length);
      }
    } catch (error) {
      if (error instanceof DrainedError) await received.postpone(1_000);
      throw error;
    }
  };
}

/** Postgres first; the job ends only after it, and keeps its place in the dedup window. */
async function bury(deps: PersistEventsDeps, { id, data }: ReceivedJob, reason: string): Promise<void> {
  const { org, type } = (data ?? {}) as { org?: unknown; type?: unknown };
  const told = await retryInPlace(
    () =>
      insertDeadLetter(deps.db, {
        eventId: id,
        eventType: typeof type === "string" ? type : null,
        organizationId: typeof org === "string" && isUuid(org) ? org : null,
        job: Buffer.from(JSON.stringify(data ?? null)),
        reason,
        errorCode: null,
      }),
    {
      signal: deps.drained,
      onError: (error) => deps.logger.warn("a dead letter cannot be written right now", { error }),
    },
  );
  deps.announcer.announce(told);
  deps.logger.error("an event was put aside as a dead letter", { eventId: id, reason });
}
