import {
  classifySqlError,
  createPartitions,
  daysOfIds,
  type DueDelivery,
  insertDeadLetter,
  sqlStateOf,
} from "@triggers/db";
import { isUuid } from "@triggers/domain";
import type { Logger } from "@triggers/runtime";
import type { Announcer } from "../announce/announcer.ts";
import { retryInPlace } from "../retry-in-place.ts";
import { persistBatch, type PersistDeps, type QueuedEvent } from "./persist-batch.ts";

export interface SafePersistDeps extends PersistDeps {
  logger: Logger;
  /** Ends the waiting of a worker that drains. */
  drained: AbortSignal;
  announcer: Announcer;
  logOutage: (fields: { error: unknown }) => void;
}

/**
 * Persists a batch whatever happens. Poison is found by halving: only an event that fails alone is put aside, as a
 * dead letter, so that no event is lost for another's fault. All else is repeated until it works.
 */
export async function persistSafely(
  deps: SafePersistDeps,
  batch: readonly QueuedEvent[],
): Promise<DueDelivery[]> {
  const due = await retryInPlace(
    async () => {
      try {
        return await persistBatch(deps, batch);
      } catch (error) {
        const failure = classifySqlError(error);
        if (failure === "missing_partition") {
          await createPartitions(deps.db, daysOfIds(batch.map(({ id }) => id)));
          return persistBatch(deps, batch);
        }
        if (failure !== "poison") throw error;
        const [only, ...others] = batch;
        if (!only || others.length > 0) return "poisoned";
        await buryEvent(deps, only, error);
        return [];
      }
    },
    { signal: deps.drained, onError: (error) => deps.logOutage({ error }) },
  );
  if (due !== "poisoned") return due;
  const middle = Math.ceil(batch.length / 2);
  const first = await persistSafely(deps, batch.slice(0, middle));
  return [...first, ...(await persistSafely(deps, batch.slice(middle)))];
}

async function buryEvent(deps: SafePersistDeps, { id, job }: QueuedEvent, error: unknown): Promise<void> {
  const reason = Error.isError(error) ? error.message : "unknown";
  const told = await insertDeadLetter(deps.db, {
    eventId: id,
    eventType: job.type,
    // It may be what Postgres refused: a dead letter must fit whatever the job holds.
    organizationId: isUuid(job.org) ? job.org : null,
    job: Buffer.from(JSON.stringify(job)),
    reason,
    errorCode: sqlStateOf(error) ?? null,
  });
  deps.announcer.announce(told);
  deps.logger.error("an event can never be stored; it is a dead letter now", { eventId: id, reason });
}
