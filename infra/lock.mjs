import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { processIdentity, waitUntil } from "./process.mjs";

/**
 * Takes a lock for as long as this process lives. A lock whose owner is gone (`kill -9`) counts as free.
 * @param {string} file
 * @param {{waitMs?: number}} [options] how long to wait for another owner
 * @returns {Promise<{release: () => void} | {ownerPid: number}>}
 */
export async function takeLock(file, { waitMs = 0 } = {}) {
  mkdirSync(dirname(file), { recursive: true });
  let ownerPid;
  await waitUntil(() => (ownerPid = tryLock(file)) === undefined, waitMs, 200);
  return ownerPid === undefined ? { release: () => rmSync(file, { force: true }) } : { ownerPid };
}

function tryLock(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) }));
  try {
    for (;;) {
      try {
        linkSync(mine, file); // unlike create-then-write, nobody can see it half written
        return undefined;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const owner = readOwner(file);
      if (owner !== undefined && processIdentity(owner.pid) === owner.identity) return owner.pid;
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function readOwner(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // released in the meantime
  }
}
