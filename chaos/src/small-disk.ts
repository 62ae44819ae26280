import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  /** Takes all that is left, with a file that belongs to nobody. */
  fill(): void;
  free(): void;
  remove(): void;
}

/** A disk in memory of so many megabytes. Mounting one needs root; throws where that is refused. */
export function createSmallDisk(folder: string, megabytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "pipe" });
  const filler = join(folder, "filler");
  return {
    fill() {
      const file = openSync(filler, "w");
      try {
        for (const size of [1_048_576, 4_096]) {
          const block = Buffer.alloc(size);
          while (canWrite(file, block));
        }
      } finally {
        closeSync(file);
      }
    },
    free() {
      rmSync(filler, { force: true });
    },
    remove() {
      execFileSync("umount", ["--lazy", folder], { stdio: "pipe" });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Tried, since root in a container is often refused too. */
export function isMountAllowed(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "chaos-mount-"));
  try {
    createSmallDisk(folder, 1).remove();
    return true;
  } catch {
    rmSync(folder, { recursive: true });
    return false;
  }
}

function canWrite(file: number, block: Buffer): boolean {
  try {
    return writeSync(file, block) === block.length;
  } catch {
    return false; // no space is left
  }
}
