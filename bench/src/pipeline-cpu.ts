import { cpuSecondsOf } from "./cpu-time.ts";
import type { Stack } from "./stack.ts";

/** CPU seconds that the two servers have used, with all of Postgres' processes. */
export function serversCpu(stack: Stack): { redis: number; postgres: number } {
  return { redis: cpuSecondsOf(stack.redisPid), postgres: cpuSecondsOf(stack.postmasterPid, true) };
}

/** The same with our own processes. */
export function pipelineCpu(
  stack: Stack,
  { gateway, worker }: Record<"gateway" | "worker", { pid: number }>,
): Record<"gateway" | "worker" | "redis" | "postgres", number> {
  return { gateway: cpuSecondsOf(gateway.pid), worker: cpuSecondsOf(worker.pid), ...serversCpu(stack) };
}
