import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/**
 * The secret in a file that only its owner can read; made when there is none.
 * @param {string} file
 * @param {() => string} [make]
 */
export function ownSecret(file, make = () => randomBytes(24).toString("hex")) {
  if (!existsSync(file)) {
    const unfinished = `${file}.${process.pid}`;
    writeFileSync(unfinished, `${make()}\n`, { mode: 0o600 });
    renameSync(unfinished, file);
  }
  return readFileSync(file, "utf8").trim();
}
