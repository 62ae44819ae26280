import {
  type Backlog,
  type Database,
  type DueDelivery,
  findParkedDeliveries,
  parkDeliveries,
  type ParkedAs,
} from "@triggers/db";
import { deliveryJobId } from "@triggers/domain";
import type { DeliveryQueues, DeliveryToEnqueue } from "@triggers/queues";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import { jobCostMs, maxDebtMs, priorityOf } from "./priority-of.ts";
import type { RefillOrder, WindowCommands, WindowKeys } from "./window-commands.ts";
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
  /** Brings parked deliveries into Redis if there is room, and makes sure of the jobs of those that are in its window. */
  refill(backlog: Backlog): Promise<void>;
  /** Whether a first delivery of this endpoint's would be parked, as far as this process knows: it may be wrong either way. */
  hasBacklog(endpointId: string): boolean;
  /** Waits for what goes on in the background. */
  settle(): Promise<void>;
}

/** Longer than the sweeper takes to offer a job again that is still in Redis. */
const reservedMs = 180_000;
const parkPageSize = 1_000;
/** How long ended jobs gather before Redis hears of them: a call for each would cost more than the jobs' own. */
const endedMs = 2;

/** How long something parked is taken as a sign that more will have to be. */
const backlogHintMs = 1_000;

const maxBacklogHints = 10_000;

const parkedAsOf = (scheduleStep: number): ParkedAs => (scheduleStep === 0 ? "first" : "retry");

/**
 * Bounds what an endpoint has in Redis, so that its backlog, of whatever size, is Postgres' alone. Order of writes: a
 * place in the window, the job, and for what found none the parking, then the mark that makes ended jobs ask for more.
 * What comes out of the backlog gets its place and its job, and leaves the backlog when its attempt is recorded.
 */
export function createDeliveryWindow(deps: DeliveryWindowDeps): DeliveryWindow {
  const { db, deliveryQueues, commands } = deps;
  const logFailure = createThrottledLog(deps.logger, "warn", "a delivery window could not be refilled");
  const running = new Set<Promise<void>>();
  let ended = new Map<string, { keys: WindowKeys; maxInFlight: number; jobIds: string[] }>();
  let endedTimer: NodeJS.Timeout | undefined;
  const backlogHints = new Map<string, number>();

  /** Enqueues what has found a place and returns what has not. */
  async function admit(
    keys: WindowKeys,
    deliveries: readonly DueDelivery[],
    options: { refill?: { clearsMark: string }; areHeldEnqueued: boolean },
  ): Promise<DueDelivery[]> {
    const { places, debtMs } = await commands.reserve(keys, {
      limit: windowSizeOf(deliveries[0]?.maxInFlight ?? 1),
      jobIds: deliveries.map(({ deliveryId, scheduleStep }) => deliveryJobId(deliveryId, scheduleStep)),
      ttlMs: reservedMs + Math.max(0, ...deliveries.map(({ delayMs }) => delayMs)),
      costMs: jobCostMs,
      maxDebtMs,
      ...(options.refill && { refill: options.refill }),
    });
    const jobs = deliveries
      .filter((_, index) => places[index] === "new" || (places[index] === "held" && options.areHeldEnqueued))
      .map((delivery, index): DeliveryToEnqueue => {
        const priority = priorityOf(debtMs + index * jobCostMs);
        return priority === undefined ? delivery : { ...delivery, priority };
      });
    await deliveryQueues.enqueue(jobs);
    return deliveries.filter((_, index) => places[index] === "none");
  }

  async function park(refused: readonly DueDelivery[]): Promise<void> {
    for (let start = 0; start < refused.length; start += parkPageSize)
      await parkDeliveries(db, refused.slice(start, start + parkPageSize));
  }

  async function refillWith(
    keys: WindowKeys,
    maxInFlight: number,
    mark: string,
    areHeldEnqueued: boolean,
  ): Promise<void> {
    if (deps.isMemoryShort()) return;
    const limit = windowSizeOf(maxInFlight);
    const parked = await findParkedDeliveries(db, { ...keys, limit, horizonMs: deps.horizonMs });
    // Unless more was parked meanwhile, fewer than asked for means that this was all.
    const refill = { clearsMark: parked.length < limit ? mark : "" };
    await admit(
      keys,
      parked.map((delivery) => ({ ...delivery, maxInFlight })),
      { refill, areHeldEnqueued },
    );
  }

  async function askAndRefill(
    keys: WindowKeys,
    maxInFlight: number,
    request: Omit<Parameters<WindowCommands["askRefill"]>[1], "limit">,
  ): Promise<void> {
    const order = await commands.askRefill(keys, { limit: windowSizeOf(maxInFlight), ...request });
    noteBacklog(keys, order);
    if (order.mayRefill) inBackground(refillWith(keys, maxInFlight, order.mark, request.isForced ?? false));
  }

  function noteBacklog(keys: WindowKeys, { mark }: Pick<RefillOrder, "mark">): void {
    const name = nameOf(keys);
    if (mark === "") backlogHints.delete(name);
    else backlogHints.set(name, performance.now() + backlogHintMs);
    if (backlogHints.size > maxBacklogHints) backlogHints.clear();
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
        groups.map(async ({ keys, group }) => {
          const open = group.filter(({ isParked }) => !isParked);
          return isShort || open.length === 0 ? open : admit(keys, open, { areHeldEnqueued: true });
        }),
      );
      await park(refused.flat());
      const marked = groups.map(async ({ keys, maxInFlight, group }, index) => {
        const hasParked = refused[index]?.length !== 0 || group.some(({ isParked }) => isParked);
        if (hasParked) await askAndRefill(keys, maxInFlight, { hasParked });
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
    refill: (backlog) => askAndRefill(backlog, backlog.maxInFlight, { hasParked: true, isForced: true }),
    hasBacklog: (endpointId) =>
      deps.isMemoryShort() ||
      (backlogHints.get(nameOf({ endpointId, parkedAs: "first" })) ?? 0) > performance.now(),
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

function nameOf({ endpointId, parkedAs }: Omit<WindowKeys, "organizationId">): string {
  return `${endpointId} ${parkedAs}`;
}

function keysOf(delivery: Pick<DueDelivery, "organizationId" | "endpointId" | "scheduleStep">): WindowKeys {
  const { organizationId, endpointId, scheduleStep } = delivery;
  return { organizationId, endpointId, parkedAs: parkedAsOf(scheduleStep) };
}
