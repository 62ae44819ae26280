import { setImmediate as nextTurn } from "node:timers/promises";

/** Asks for a read under a key that says all of it; those who ask at the same time share one. */
export type ShareRead = <T>(key: string, read: () => Promise<T>) => Promise<T>;

/**
 * Identical reads that are asked for at the same time are made once. Whoever joins gets a read that begins after they
 * asked, never one that was under way already: what was true when they asked is in it. At most one read of a key runs
 * at a time; those who ask meanwhile share the next one.
 */
export function createSharedReads(): ShareRead {
  const begun = new Map<string, Promise<void>>();
  const open = new Map<string, Promise<unknown>>();

  async function readOnce<T>(key: string, read: () => Promise<T>): Promise<T> {
    await (begun.get(key) ?? nextTurn());
    open.delete(key);
    const reading = read();
    const over = reading.then(
      () => undefined,
      () => undefined,
    );
    begun.set(key, over);
    void over.then(() => begun.get(key) === over && begun.delete(key));
    return reading;
  }

  return <T>(key: string, read: () => Promise<T>) => {
    const joined = open.get(key) as Promise<T> | undefined;
    if (joined) return joined;
    const reading = readOnce(key, read);
    open.set(key, reading);
    return reading;
  };
}
