import { join } from "node:path";
import { UserError } from "./lifecycle.mjs";
import { takeLock } from "./lock.mjs";
import { dataDir } from "./paths.mjs";

const lockFile = join(dataDir, "stack.lock");

/**
 * One of `npm start`, `npm run dev` and `npm run stack` per clone: they share the databases.
 * @param {(close: () => unknown) => void} onStop
 */
export async function beTheOnlyOne(onStop) {
  const ownerPid = await findOtherOrLock(onStop);
  if (ownerPid !== undefined) {
    throw new UserError(
      `The stack of this clone is running already, in process ${ownerPid}. Stop that one first.`,
    );
  }
}

/**
 * The process that runs the stack of this clone; undefined when it is this one from now on.
 * @param {(close: () => unknown) => void} onStop
 * @returns {Promise<number | undefined>}
 */
export async function findOtherOrLock(onStop) {
  const lock = await takeLock(lockFile);
  if (!("release" in lock)) return lock.ownerPid;
  onStop(lock.release);
  return undefined;
}
