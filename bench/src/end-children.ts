import { readFileSync } from "node:fs";

/** Ends what a failed scenario left running: the children of this process. */
export function endChildren(): void {
  const pids = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
    .split(" ")
    .map(Number);
  for (const pid of pids) {
    try {
      if (pid > 0) process.kill(pid, "SIGKILL");
    } catch {
      // It has ended in between.
    }
  }
}
