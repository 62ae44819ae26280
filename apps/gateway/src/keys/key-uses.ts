import { type Database, recordKeyUses } from "@triggers/db";
import type { Logger } from "@triggers/runtime";
import { LRUCache } from "lru-cache";

export interface KeyUses {
  /** Remembers that the key was used; costs a request nothing but that. */
  note(keyId: string): void;
  /** Writes what is left, where Postgres is there. */
  stop(): Promise<void>;
}

interface Options {
  db: Database;
  logger: Logger;
  /** A key's `last_used_at` is written at most this often. */
  intervalMs: number;
}

const remembered = 50_000;
const perStatement = 1_000;

/**
 * Keeps `last_used_at` in the background: a timer runs only while something waits to be written, and one statement
 * serves many keys. With Postgres away the uses wait; a process that dies loses a few times of use.
 */
export function createKeyUses({ db, logger, intervalMs }: Options): KeyUses {
  const noted = new LRUCache<string, number>({ max: remembered });
  const waiting = new LRUCache<string, Date>({ max: remembered });
  const gatherMs = Math.min(2_000, intervalMs);
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let isStopped = false;

  function schedule(delayMs: number): void {
    if (isStopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      writing = write().finally(() => (writing = undefined));
    }, delayMs);
    timer.unref();
  }

  async function write(): Promise<void> {
    const batch = [...waiting.entries()].slice(0, perStatement);
    for (const [keyId] of batch) waiting.delete(keyId);
    try {
      await recordKeyUses(
        db,
        batch.map(([keyId, usedAt]) => ({ keyId, usedAt })),
        intervalMs,
      );
    } catch (error) {
      logger.debug("the last uses of keys cannot be written right now", { error });
      for (const [keyId, usedAt] of batch) if (!waiting.has(keyId)) waiting.set(keyId, usedAt);
      schedule(Math.max(gatherMs, 5_000));
      return;
    }
    if (waiting.size > 0) schedule(gatherMs);
  }

  return {
    note(keyId) {
      const now = performance.now();
      const last = noted.get(keyId);
      if (last !== undefined && now - last < intervalMs) return;
      noted.set(keyId, now);
      waiting.set(keyId, new Date());
      if (writing === undefined) schedule(gatherMs);
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await writing;
      if (waiting.size > 0) await write();
    },
  };
}
