import type { Database } from "./connect.ts";
import { findMissingMigrations } from "./migrator.ts";

export interface SchemaCheck {
  stop(): void;
}

/** Checks the schema as soon as Postgres answers, a second apart; exactly one of `onCurrent` and `onBehind` is called. */
export function waitForSchema(
  db: Database,
  on: {
    current: () => void;
    behind: (missing: string[]) => void;
    waiting: (error: unknown) => void;
    retryMs?: number;
  },
): SchemaCheck {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const tryOnce = async () => {
    try {
      const missing = await findMissingMigrations(db);
      if (isStopped) return;
      if (missing.length === 0) on.current();
      else on.behind(missing);
    } catch (error) {
      if (isStopped) return;
      on.waiting(error);
      timer = setTimeout(() => void tryOnce(), on.retryMs ?? 1_000);
    }
  };
  void tryOnce();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
