import { mastersOf, type RedisClient } from "../redis-client.ts";
import { parseInfo } from "./redis-reading.ts";

export interface RedisMemory {
  /** The part of `maxmemory` that is used, 0 to about 1, of a Cluster's fullest master, from memory; 0 where there is no limit or nothing is known. */
  usedShare(): number;
}

/** Sampled only while somebody asks, at most once in `sampleMs`: at 100 % Redis refuses every write, those that would drain it too. */
export function createRedisMemory(redis: RedisClient, sampleMs = 1_000): RedisMemory {
  let share = 0;
  let sampledAt = -Infinity;
  let isSampling = false;

  function sample() {
    isSampling = true;
    Promise.all(mastersOf(redis).map((master) => master.info("memory")))
      .then(
        (texts) => (share = Math.max(0, ...texts.map(shareOf))),
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

function shareOf(infoText: string): number {
  const info = parseInfo(infoText);
  const limit = Number(info.get("maxmemory") ?? 0);
  return limit > 0 ? Number(info.get("used_memory") ?? 0) / limit : 0;
}
