import { execFileSync, spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

export interface Sync {
  /** Milliseconds since 1970. */
  beganAt: number;
  tookMs: number;
}

export interface SyncTrace {
  /** All that succeeded since it began, in order. */
  stop(): Promise<Sync[]>;
}

/** Whether strace is there and may look into a process. */
export function isSyncTraceable(): boolean {
  try {
    execFileSync("strace", ["-o", "/dev/null", "-e", "trace=fsync", "true"], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}

/** Writes down every fsync and fdatasync of a process and its threads. Slows its system calls down. */
export async function traceSyncs(pid: number): Promise<SyncTrace> {
  const args = ["-f", "-ttt", "-T", "-e", "trace=fsync,fdatasync", "-p", String(pid)];
  const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
  let output = "";
  strace.stderr.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  const ended = new Promise<void>((resolve) => strace.once("close", () => resolve()));
  for (let waitedMs = 0; !output.includes("attached"); waitedMs += 20) {
    if (waitedMs > 10_000 || strace.exitCode !== null)
      throw new Error(`strace does not attach to ${pid}: ${output}`);
    await pause(20);
  }
  return {
    async stop() {
      strace.kill("SIGINT");
      await ended;
      return output.split("\n").flatMap(parseSync);
    },
  };
}

/** `1700000000.123456 fdatasync(9) = 0 <0.000812>`, with `[pid 7] ` before it where there are threads. */
function parseSync(line: string): Sync[] {
  const match = /^(?:\[pid +\d+\] )?(\d+\.\d+) .*= 0 <(\d+\.\d+)>$/.exec(line);
  return match ? [{ beganAt: Number(match[1]) * 1_000, tookMs: Number(match[2]) * 1_000 }] : [];
}
