import {
  continueErasure,
  createPartitions,
  type Database,
  daysAhead,
  findChores,
  findErasures,
  findRunningReplays,
  sweepDeliveries,
  sweepRequests,
} from "@triggers/db";
import type { DeliveryQueues, EventQueue, ReplayQueue } from "@triggers/queues";
import type { Logger } from "@triggers/runtime";
import type { DeliveryWindow } from "../window/delivery-window.ts";
import type { Announcer } from "../announce/announcer.ts";
import { createBacklogSweep } from "./sweep-backlogs.ts";

export interface SweeperDeps {
  db: Database;
  eventQueue: EventQueue;
  deliveryQueues: DeliveryQueues;
  replayQueue: ReplayQueue;
  announcer: Announcer;
  window: DeliveryWindow;
  logger: Logger;
  intervalMs: number;
  /** How often it looks for erasures that their gateway did not finish. */
  erasureIntervalMs?: number;
}

const pageSize = 1_000;
/** Bounds one pass; what is left is the next pass's, and pages rotate, so nothing waits for ever. */
const maxPages = 20;
const partitionDaysAhead = 7;

/**
 * What is overdue comes back: one worker in the fleet runs this. Everything it does may be done twice. Returns the end
 * of its work: a pass in hand is finished first.
 */
export function startSweeper(deps: SweeperDeps): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let partitionsUntil = 0;
  let erasuresUntil = 0;
  const sweepBacklogs = createBacklogSweep(deps);

  async function pass() {
    const now = Date.now();
    if (now > partitionsUntil) {
      await createPartitions(deps.db, daysAhead(now, partitionDaysAhead));
      partitionsUntil = now + 86_400_000 / 2;
    }
    const chores = await findChores(deps.db);
    if (chores.erasing && now > erasuresUntil && (await finishErasures())) {
      erasuresUntil = now + (deps.erasureIntervalMs ?? 300_000);
    }
    // Where a worker has one in hand this adds nothing.
    if (chores.replaying) await deps.replayQueue.enqueue(await findRunningReplays(deps.db, 100));
    if (chores.requested) {
      await deps.deliveryQueues.enqueueRequested(await sweepRequests(deps.db, pageSize));
    }
    if (chores.untold) await deps.announcer.announceLate();
    const swept = chores.overdue ? await sweepAll(deps) : 0;
    if (swept > 0) deps.logger.info("overdue deliveries were offered again", { deliveries: swept });
    // What found no room is in the backlog now.
    if (chores.parked || swept > 0) await sweepBacklogs();
    const requeued = await deps.eventQueue.requeueFailed(100);
    if (requeued > 0)
      deps.logger.warn("failed event jobs were handed back to the persist step", { jobs: requeued });
  }

  /** Bounded, so that deliveries that are overdue need not wait for a large organization. */
  async function finishErasures(): Promise<boolean> {
    const endsAt = performance.now() + deps.intervalMs;
    for (const id of await findErasures(deps.db)) {
      const isDone = await continueErasure(deps.db, id, () => isStopped || performance.now() > endsAt);
      if (!isDone) return false;
      deps.logger.info("an organization is erased", { organizationId: id });
    }
    return true;
  }

  async function loop(): Promise<void> {
    try {
      await pass();
    } catch (error) {
      deps.logger.warn("a sweep failed; the next one will repeat it", { error });
    }
    if (isStopped) return;
    timer = setTimeout(() => {
      running = loop();
    }, deps.intervalMs);
  }
  let running = loop();

  return async () => {
    isStopped = true;
    clearTimeout(timer);
    await running;
  };
}

async function sweepAll({ db, window }: SweeperDeps): Promise<number> {
  let swept = 0;
  for (let page = 0; page < maxPages; page += 1) {
    const due = await sweepDeliveries(db, pageSize);
    await window.offer(due);
    swept += due.length;
    if (due.length < pageSize) break;
  }
  return swept;
}
