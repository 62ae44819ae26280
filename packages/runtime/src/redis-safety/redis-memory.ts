import type { Redis } from "ioredis";
import { parseInfo } from "./redis-reading.ts";

export interface RedisMemory {
  /** The part of `maxmemory` that is used, 0 to about 1, from memory; 0 where there is no limit or nothing is known. */
  usedShare(): number;
}

/** Sampled only while somebody asks, at most once in `sampleMs`: at 100 % Redis refuses every write, those that would drain it too. */
export function createRedisMemory(redis: Redis, sampleMs = 1_000): RedisMemory {
  let share = 0;
  let sampledAt = -Infinity;
  let isSampling = false;

  function sample() {
    isSampling = true;
    redis
      .info("memory")
      .then(
        (text) => {
          const info = parseInfo(text);
          const limit = Number(info.get("maxmemory") ?? 0);
          share = limit > 0 ? Number(info.get("used_memory") ?? 0) / limit : 0;
        },
        // Away, or it does not tell: its own refusal will say so.
        () => undefined,
      )
      .finally(() => {
        sampledAt = performance.now();
        isSampling = false;
      });
  }

  return {
    usedShare() {
      if (!isSampling && performance.now() - sampledAt >= sampleMs) sample();
      return share;
    },
  };
}
