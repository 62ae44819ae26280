import { setTimeout as pause } from "node:timers/promises";
import type { Stack } from "./stack.ts";

const queues = ["events", "deliveries", "retries"];

/** Jobs of all queues that are not done. */
export async function countUnfinished(stack: Stack, prefix: string): Promise<number> {
  const pipeline = stack.redis.pipeline();
  for (const queue of queues) {
    const key = (state: string) => `{${prefix}}:${queue}:${state}`;
    pipeline.llen(key("wait")).llen(key("active")).zcard(key("prioritized")).zcard(key("delayed"));
  }
  const answers = (await pipeline.exec()) ?? [];
  return answers.reduce((sum, [error, count]) => {
    if (error) throw error;
    return sum + Number(count);
  }, 0);
}

/** Waits until no job is left; throws when that takes too long. */
export async function waitUntilDrained(stack: Stack, prefix: string, limitMs: number): Promise<void> {
  const giveUpAt = performance.now() + limitMs;
  for (;;) {
    const unfinished = await countUnfinished(stack, prefix);
    if (unfinished === 0) return;
    if (performance.now() > giveUpAt) throw new Error(`${prefix}: ${unfinished} jobs are still not done.`);
    await pause(20);
  }
}
