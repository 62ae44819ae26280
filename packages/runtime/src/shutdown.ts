import type { Logger } from "./logger.ts";

export interface Releasers {
  /** Resources are pushed as they open; they are released in the opposite order. */
  push(name: string, release: () => unknown): void;
  /** Releases all, once; a failure is logged and does not keep the others open. */
  releaseAll(): Promise<void>;
}

export function createReleasers(logger: Logger): Releasers {
  const open: { name: string; release: () => unknown }[] = [];
  const releaseAll = async () => {
    for (let last = open.pop(); last; last = open.pop()) {
      try {
        await last.release();
      } catch (error) {
        logger.warn("a resource did not close cleanly", { resource: last.name, error });
      }
    }
  };
  return { push: (name, release) => open.push({ name, release }), releaseAll };
}

/**
 * On SIGTERM or SIGINT: drain, then exit 0; a drain that takes longer than `limitMs`, or that throws, exits 1.
 * A second signal changes nothing: an impatient operator has `kill -9`, which loses nothing either.
 */
export function drainOnSignal(drain: () => Promise<void>, limitMs: number, logger: Logger): void {
  let draining = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (draining) return;
    draining = true;
    logger.info("draining", { signal });
    setTimeout(() => {
      logger.error("the drain took too long", { limitMs });
      process.exit(1);
    }, limitMs).unref();
    drain().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error("the drain failed", { error });
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
}
