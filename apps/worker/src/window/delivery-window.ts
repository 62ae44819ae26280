import {
  type Backlog,
  type Database,
  type DueDelivery,
  findParkedDeliveries,
  parkDeliveries,
} from "@triggers/db";
import { deliveryJobId } from "@triggers/domain";
import type { DeliveryQueues, DeliveryToEnqueue } from "@triggers/queues";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import type { At } from "../fault-points.ts";
import { gatherPlaces, inHandMs, type PlacedJob, windowName, windowOf } from "./gather-places.ts";
import { jobCostMs, maxDebtMs, priorityOf } from "./priority-of.ts";
import type { Place, WindowCommands, WindowKeys } from "./window-commands.ts";
import { windowSizeOf } from "./window-size.ts";

export interface DeliveryWindowDeps {
  db: Database;
  deliveryQueues: DeliveryQueues;
  commands: WindowCommands;
  logger: Logger;
  at: At;
  /** No job goes into Redis while it says so. */
  isMemoryShort: () => boolean;
  /** A parked delivery that is due later stays in Postgres. */
  horizonMs: number;
}

export interface DeliveryWindow {
  /**
   * Enqueues what its endpoints have room for and parks the rest in Postgres. May be repeated; a crash in between
   * leaves the rest to the sweeper, in a minute.
   */
  offer(deliveries: readonly DueDelivery[]): Promise<void>;
  /** A job is in this worker's hand: its place is kept while the worker lives, and is soon free when it does not. */
  take(job: PlacedJob): void;
  /** A job goes back to its queue, and keeps its place. */
  putBack(job: PlacedJob, delayMs: number): void;
  /** A job is done with, whatever came of it: its place will be free for the next, in a moment and for many at once. */
  end(job: PlacedJob): void;
  /** Brings parked deliveries into Redis if there is room, and makes sure of the jobs of those that are in its window. */
  refill(backlog: Backlog): Promise<void>;
  /** Whether a first delivery of this endpoint's would be parked, as far as this process knows: it may be wrong either way. */
  hasBacklog(endpointId: string): boolean;
  /** Waits for what goes on in the background. */
  settle(): Promise<void>;
  /** Settles, and looks at no window by itself any more. */
  close(): Promise<void>;
}

/** Longer than the sweeper takes to offer a job again that is still in Redis. */
const reservedMs = 180_000;
/**
 * The same for parked deliveries until their jobs are known to be there: they are offered by nobody but the next refill,
 * which the places of a worker that died before would keep from beginning.
 */
const refillingMs = 2_000;
const parkPageSize = 1_000;
/** When a window that has a backlog is looked at again: by then the places of dead workers are free, and those without jobs. */
const askAgainMs = inHandMs + 250;
/** How long something parked is taken as a sign that more will have to be. */
const backlogHintMs = 1_000;
/** Of windows with a backlog that this process remembers. */
const maxKnownBacklogs = 10_000;

const jobIdOf = ({ deliveryId, scheduleStep }: DueDelivery) => deliveryJobId(deliveryId, scheduleStep);

/**
 * Bounds what an endpoint has in Redis, so that its backlog, of whatever size, is Postgres' alone. Order of writes: a
 * place in the window, the job, and for what found none the parking, then the mark that makes ended jobs ask for more.
 * What comes out of the backlog gets its place and its job, and leaves the backlog when its attempt is recorded.
 */
export function createDeliveryWindow(deps: DeliveryWindowDeps): DeliveryWindow {
  const { db, deliveryQueues, commands, at } = deps;
  const logFailure = createThrottledLog(deps.logger, "warn", "a delivery window could not be refilled");
  const running = new Set<Promise<void>>();
  const backlogs = new Map<string, { hintUntil: number; askAgain?: NodeJS.Timeout }>();
  const places = gatherPlaces(({ keys, maxInFlight, places }) => {
    inBackground(askAndRefill(keys, maxInFlight, { places }));
  });

  /** Enqueues what has found a place, and tells of all. `held` jobs had their places before, and mostly are there. */
  async function admit(
    keys: WindowKeys,
    deliveries: readonly DueDelivery[],
    {
      ttlMs,
      areHeldEnqueued,
      refill,
    }: { ttlMs: number; areHeldEnqueued: boolean; refill?: { clearsMark: string } },
  ): Promise<Place[]> {
    const { places, debtMs } = await commands.reserve(keys, {
      limit: windowSizeOf(deliveries[0]?.maxInFlight ?? 1),
      jobIds: deliveries.map(jobIdOf),
      ttlMs: ttlMs + Math.max(0, ...deliveries.map(({ delayMs }) => delayMs)),
      costMs: jobCostMs,
      maxDebtMs,
      ...(refill && { refill }),
    });
    const jobs = deliveries
      .filter((_, index) => places[index] === "new" || (places[index] === "held" && areHeldEnqueued))
      .map((delivery, index): DeliveryToEnqueue => {
        const priority = priorityOf(debtMs + index * jobCostMs);
        return priority === undefined ? delivery : { ...delivery, priority };
      });
    await at(refill ? "refill: placed" : "window: placed");
    await deliveryQueues.enqueue(jobs);
    await at(refill ? "refill: enqueued" : "window: enqueued");
    return places;
  }

  async function park(refused: readonly DueDelivery[]): Promise<void> {
    for (let start = 0; start < refused.length; start += parkPageSize)
      await parkDeliveries(db, refused.slice(start, start + parkPageSize));
  }

  async function refillWith(
    keys: WindowKeys,
    maxInFlight: number,
    { mark, areHeldEnqueued }: { mark: string; areHeldEnqueued: boolean },
  ): Promise<void> {
    if (deps.isMemoryShort()) return;
    const limit = windowSizeOf(maxInFlight);
    const backlog = await findParkedDeliveries(db, { ...keys, limit, horizonMs: deps.horizonMs });
    // Unless more was parked meanwhile, fewer than asked for means that this was all.
    const refill = { clearsMark: backlog.length < limit ? mark : "" };
    const parked = backlog.map((delivery) => ({ ...delivery, maxInFlight }));
    const found = await admit(keys, parked, { ttlMs: refillingMs, areHeldEnqueued, refill });
    for (const [index, delivery] of parked.entries()) {
      if (found[index] !== "new" && found[index] !== "held") continue;
      places.keepQueued({ ...keys, maxInFlight, jobId: jobIdOf(delivery) }, reservedMs + delivery.delayMs);
    }
  }

  async function askAndRefill(
    keys: WindowKeys,
    maxInFlight: number,
    request: Omit<Parameters<WindowCommands["askRefill"]>[1], "limit">,
  ): Promise<void> {
    const { mayRefill, mark } = await commands.askRefill(keys, {
      limit: windowSizeOf(maxInFlight),
      ...request,
    });
    noteBacklog(keys, maxInFlight, mark !== "");
    if (mayRefill)
      inBackground(refillWith(keys, maxInFlight, { mark, areHeldEnqueued: request.isForced ?? false }));
  }

  /** Asks again later: nobody else may have a reason to, where all that is in the window is in a dead worker's hand. */
  function noteBacklog(keys: WindowKeys, maxInFlight: number, isThere: boolean): void {
    const name = windowName(keys);
    const known = backlogs.get(name);
    if (!isThere) {
      clearTimeout(known?.askAgain);
      backlogs.delete(name);
    } else if (known) known.hintUntil = performance.now() + backlogHintMs;
    else if (backlogs.size < maxKnownBacklogs) {
      const askAgain = setTimeout(() => {
        backlogs.delete(name);
        inBackground(askAndRefill(keys, maxInFlight, { looksForJobs: true }));
      }, askAgainMs);
      backlogs.set(name, { hintUntil: performance.now() + backlogHintMs, askAgain });
    }
  }

  function inBackground(work: Promise<void>): void {
    const logged = work
      .catch((error: unknown) => logFailure({ error }))
      .finally(() => {
        running.delete(logged);
      });
    running.add(logged);
  }

  async function settle(): Promise<void> {
    places.flush();
    while (running.size > 0) await Promise.all(running);
  }

  return {
    async offer(deliveries) {
      if (deliveries.length === 0) return;
      const groups = groupByWindow(deliveries);
      const isShort = deps.isMemoryShort();
      const refused = await Promise.all(
        groups.map(async ({ keys, group }) => {
          const open = group.filter(({ isParked }) => !isParked);
          if (isShort || open.length === 0) return open;
          const places = await admit(keys, open, { ttlMs: reservedMs, areHeldEnqueued: true });
          return open.filter((_, index) => places[index] === "none");
        }),
      );
      await park(refused.flat());
      await at("window: parked");
      const marked = groups.map(async ({ keys, maxInFlight, group }, index) => {
        const hasParked = refused[index]?.length !== 0 || group.some(({ isParked }) => isParked);
        if (hasParked) await askAndRefill(keys, maxInFlight, { hasParked });
      });
      await Promise.all(marked);
    },
    take: (job) => places.take(job),
    putBack: (job, delayMs) => places.putBack(job, reservedMs + delayMs),
    end: (job) => places.end(job),
    refill: (backlog) =>
      askAndRefill(backlog, backlog.maxInFlight, { hasParked: true, isForced: true, looksForJobs: true }),
    hasBacklog: (endpointId) =>
      deps.isMemoryShort() ||
      (backlogs.get(windowName({ endpointId, parkedAs: "first" }))?.hintUntil ?? 0) > performance.now(),
    settle,
    async close() {
      places.stop();
      await settle();
      for (const { askAgain } of backlogs.values()) clearTimeout(askAgain);
    },
  };
}

function groupByWindow(deliveries: readonly DueDelivery[]) {
  const groups = new Map<string, { keys: WindowKeys; maxInFlight: number; group: DueDelivery[] }>();
  for (const delivery of deliveries) {
    const keys = windowOf(delivery);
    const name = windowName(keys);
    const known = groups.get(name);
    if (known) known.group.push(delivery);
    else groups.set(name, { keys, maxInFlight: delivery.maxInFlight, group: [delivery] });
  }
  return [...groups.values()];
}
