import { expirePartitions, expireRows, withMaintenance } from "@triggers/db";
import type { Logger } from "@triggers/runtime";

export interface RetentionDeps {
  databaseUrl: string;
  retentionDays: number;
  intervalMs: number;
  /** When the oldest event in the queue was accepted, in ms since 1970; now when none waits. Rejects while nobody knows. */
  oldestQueuedAt: () => Promise<number>;
  /** Events that were neither acknowledged nor delivered when their time was over. */
  countUnread: (events: number) => void;
  logger: Logger;
  lockTimeoutMs?: number;
}

/**
 * What is older than the retention goes: one worker in the fleet runs this. A pass that is cut off anywhere is gone on
 * with by the next one, be it another worker's. Returns the end of its work.
 */
export function startRetention(deps: RetentionDeps): () => Promise<void> {
  const { databaseUrl, retentionDays, intervalMs, logger, lockTimeoutMs } = deps;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function pass() {
    // Asked first: what is accepted later is younger than anything that can go.
    const expiry = { retentionDays, oldestQueuedAt: await deps.oldestQueuedAt() };
    const options = {
      url: databaseUrl,
      applicationName: "triggers-retention",
      signal: stopping.signal,
      ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
    };
    await withMaintenance(options, async (maintenance) => {
      const { unread } = await expireRows(maintenance, expiry);
      if (unread > 0) tell("dead letters expired that nobody had retried", { unread });
      await expirePartitions(maintenance, expiry, ({ day, unread }) =>
        tell("a day's events expired", { day: new Date(day).toISOString().slice(0, 10), unread }),
      );
    });
  }

  function tell(sentence: string, fields: { unread: number; day?: string }) {
    deps.countUnread(fields.unread);
    logger[fields.unread > 0 ? "warn" : "info"](sentence, { ...fields, retentionDays });
  }

  async function loop(): Promise<void> {
    try {
      await pass();
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.warn("the retention's pass failed; the next one goes on with it", { error });
    }
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      running = loop();
    }, intervalMs);
  }
  let running = loop();

  return async () => {
    stopping.abort();
    clearTimeout(timer);
    await running;
  };
}
