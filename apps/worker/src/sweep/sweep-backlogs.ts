import { type Backlog, type Database, findBacklogs } from "@triggers/db";
import type { DeliveryWindow } from "../window/delivery-window.ts";

const pageSize = 200;
/** Bounds one pass; the next goes on where it ended. */
const maxPages = 5;

/**
 * Refills the windows of endpoints with parked deliveries: those that nobody refilled because a worker died, Redis
 * forgot, its memory was short, or the endpoint was disabled.
 */
export function createBacklogSweep({
  db,
  window,
}: {
  db: Database;
  window: DeliveryWindow;
}): () => Promise<void> {
  let after: Backlog | undefined;
  return async () => {
    for (let page = 0; page < maxPages; page += 1) {
      const backlogs = await findBacklogs(db, after, pageSize);
      for (const backlog of backlogs.filter(({ isOpen }) => isOpen)) await window.refill(backlog);
      after = backlogs.length < pageSize ? undefined : backlogs.at(-1);
      if (after === undefined) return;
    }
  };
}
