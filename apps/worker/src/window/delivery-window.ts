import {
  type Backlog,
  type Database,
  type DueDelivery,
  findParkedDeliveries,
  parkDeliveries,
  type ParkedAs,
  unparkDeliveries,
} from "@triggers/db";
import { deliveryJobId } from "@triggers/domain";
import type { DeliveryQueues, DeliveryToEnqueue } from "@triggers/queues";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import { type At, nowhere } from "../fault-points.ts";
import { jobCostMs, maxDebtMs, priorityOf } from "./priority-of.ts";
import type { Room, WindowCommands, WindowKeys } from "./window-commands.ts";
import { windowSizeOf } from "./window-size.ts";

export interface DeliveryWindowDeps {
  db: Database;
  deliveryQueues: DeliveryQueues;
  commands: WindowCommands;
  logger: Logger;
  /** No job goes into Redis while it says so. */
  isMemoryShort: () => boolean;
  /** A parked delivery that is due later stays in Postgres. */
  horizonMs: number;
  at?: At;
}

type EndedJob = Pick<DueDelivery, "organizationId" | "endpointId" | "scheduleStep"> & {
  jobId: string;
  maxInFlight?: number | undefined;
};

export interface DeliveryWindow {
  /**
   * Enqueues what its endpoints have room for and parks the rest in Postgres. May be repeated; a crash in between
   * leaves the rest to the sweeper, in a minute.
   */
  offer(deliveries: readonly DueDelivery[]): Promise<void>;
  /** A job is done with, whatever came of it: its room will be free for the next, in a moment and for many at once. */
  end(job: EndedJob): void;
  /** Brings parked deliveries into Redis if there is room. */
  refill(backlog: Backlog): Promise<void>;
  /** Waits for what goes on in the background. */
  settle(): Promise<void>;
}

/** Longer than the sweeper takes to offer a job again that is still in Redis. */
const reservedMs = 180_000;
/**
 * The same for parked deliveries until their jobs are known to be there: they are offered by nobody but the next refill,
 * which the places of a worker that died before would keep from beginning.
 */
const refillingMs = 5_000;
const parkPageSize = 1_000;
/** How long ended jobs gather before Redis hears of them: a call for each would cost more than the jobs' own. */
const endedMs = 2;

const ttlOf = (deliveries: readonly DueDelivery[]) =>
  reservedMs + Math.max(0, ...deliveries.map(({ delayMs }) => delayMs));

const parkedAsOf = (scheduleStep: number): ParkedAs => (scheduleStep === 0 ? "first" : "retry");

/**
 * Bounds what an endpoint has in Redis, so that its backlog, of whatever size, is Postgres' alone. Order of writes: a
 * place in the window, the job, and for what found none the parking, then the mark that makes ended jobs ask for more.
 */
export function createDeliveryWindow(deps: DeliveryWindowDeps): DeliveryWindow {
  const { db, deliveryQueues, commands, at = nowhere } = deps;
  const logFailure = createThrottledLog(deps.logger, "warn", "a delivery window could not be refilled");
  const running = new Set<Promise<void>>();
  let ended = new Map<string, { keys: WindowKeys; maxInFlight: number; jobIds: string[] }>();
  let endedTimer: NodeJS.Timeout | undefined;

  const reserve = (
    keys: WindowKeys,
    deliveries: readonly DueDelivery[],
    request: { limit: number; ttlMs: number; refill?: { clearsMark: string } },
  ) =>
    commands.reserve(keys, {
      ...{ costMs: jobCostMs, maxDebtMs, ...request },
      jobIds: deliveries.map(({ deliveryId, scheduleStep }) => deliveryJobId(deliveryId, scheduleStep)),
    });

  /** Enqueues what is admitted and returns what is not. */
  async function admit(
    keys: WindowKeys,
    deliveries: readonly DueDelivery[],
    refill?: { clearsMark: string },
  ): Promise<DueDelivery[]> {
    const { admitted, debtMs } = await reserve(keys, deliveries, {
      limit: windowSizeOf(deliveries[0]?.maxInFlight ?? 1),
      ttlMs: refill ? refillingMs : ttlOf(deliveries),
      ...(refill && { refill }),
    });
    const jobs = deliveries
      .filter((_, index) => admitted[index])
      .map((delivery, index): DeliveryToEnqueue => {
        const priority = priorityOf(debtMs + index * jobCostMs);
        return priority === undefined ? delivery : { ...delivery, priority };
      });
    await at(refill ? "refill: placed" : "window: placed");
    await deliveryQueues.enqueue(jobs);
    await at(refill ? "refill: enqueued" : "window: enqueued");
    return deliveries.filter((_, index) => !admitted[index]);
  }

  async function park(refused: readonly DueDelivery[]): Promise<void> {
    for (let start = 0; start < refused.length; start += parkPageSize)
      await parkDeliveries(db, refused.slice(start, start + parkPageSize));
  }

  async function refillWith(keys: WindowKeys, maxInFlight: number, { room, mark }: Room): Promise<void> {
    if (room === 0 || deps.isMemoryShort()) return;
    const parked = await findParkedDeliveries(db, { ...keys, limit: room, horizonMs: deps.horizonMs });
    // Unless more was parked meanwhile, fewer than asked for means that this was all.
    const clearsMark = parked.length < room ? mark : "";
    const due = parked.map((delivery) => ({ ...delivery, maxInFlight }));
    const refused = new Set(await admit(keys, due, { clearsMark }));
    const enqueued = due.filter((delivery) => !refused.has(delivery));
    // Last, so that a crash before leaves them in the backlog: their jobs are found there when they are offered again.
    await unparkDeliveries(db, enqueued);
    // A limit of 0 admits nobody: it renews the places of those that have not ended meanwhile.
    await reserve(keys, enqueued, { limit: 0, ttlMs: ttlOf(enqueued) });
  }

  async function askAndRefill(
    keys: WindowKeys,
    maxInFlight: number,
    request: { endedJobIds?: string[]; hasParked?: boolean },
  ): Promise<void> {
    const { endedJobIds = [], hasParked = false } = request;
    const limit = windowSizeOf(maxInFlight);
    const room = await commands.askRoom(keys, { limit, endedJobIds, hasParked });
    if (room.room > 0) inBackground(refillWith(keys, maxInFlight, room));
  }

  function inBackground(work: Promise<void>): void {
    const logged = work
      .catch((error: unknown) => logFailure({ error }))
      .finally(() => {
        running.delete(logged);
      });
    running.add(logged);
  }

  function tellOfEnded(): void {
    clearTimeout(endedTimer);
    endedTimer = undefined;
    const told = ended;
    ended = new Map();
    for (const { keys, maxInFlight, jobIds } of told.values())
      inBackground(askAndRefill(keys, maxInFlight, { endedJobIds: jobIds }));
  }

  return {
    async offer(deliveries) {
      if (deliveries.length === 0) return;
      const groups = groupByWindow(deliveries);
      const isShort = deps.isMemoryShort();
      const refused = await Promise.all(
        groups.map(({ keys, group }) => (isShort ? Promise.resolve(group) : admit(keys, group))),
      );
      await park(refused.flat());
      await at("window: parked");
      const marked = groups.map(async ({ keys, maxInFlight }, index) => {
        if (refused[index]?.length) await askAndRefill(keys, maxInFlight, { hasParked: true });
      });
      await Promise.all(marked);
    },
    end({ jobId, maxInFlight = 1, ...delivery }) {
      const keys = keysOf(delivery);
      const name = nameOf(keys);
      const known = ended.get(name);
      if (known) known.jobIds.push(jobId);
      else ended.set(name, { keys, maxInFlight, jobIds: [jobId] });
      endedTimer ??= setTimeout(tellOfEnded, endedMs);
    },
    refill: (backlog) => askAndRefill(backlog, backlog.maxInFlight, { hasParked: true }),
    async settle() {
      tellOfEnded();
      while (running.size > 0) await Promise.all(running);
    },
  };
}

function groupByWindow(deliveries: readonly DueDelivery[]) {
  const groups = new Map<string, { keys: WindowKeys; maxInFlight: number; group: DueDelivery[] }>();
  for (const delivery of deliveries) {
    const keys = keysOf(delivery);
    const name = nameOf(keys);
    const known = groups.get(name);
    if (known) known.group.push(delivery);
    else groups.set(name, { keys, maxInFlight: delivery.maxInFlight, group: [delivery] });
  }
  return [...groups.values()];
}

function nameOf({ endpointId, parkedAs }: WindowKeys): string {
  return `${endpointId} ${parkedAs}`;
}

function keysOf(delivery: Pick<DueDelivery, "organizationId" | "endpointId" | "scheduleStep">): WindowKeys {
  const { organizationId, endpointId, scheduleStep } = delivery;
  return { organizationId, endpointId, parkedAs: parkedAsOf(scheduleStep) };
}
