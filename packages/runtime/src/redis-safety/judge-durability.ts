import type { RedisReading } from "./redis-reading.ts";

/**
 * What an accepted event must survive. `strict`: the death of any process or machine that keeps its disk, since Redis has
 * it on disk before the 202. `replicated`: also the loss of Redis' machine, since one replica has it too. `relaxed`:
 * whatever the Redis at hand happens to promise.
 */
export type Durability = "strict" | "replicated" | "relaxed";

export interface DurabilityVerdict {
  /** Why an accepted event could be lost. */
  faults: string[];
  /** What could not be found out, or is not wanted to be. */
  warnings: string[];
}

export function judgeDurability(wanted: Durability, reading: RedisReading): DurabilityVerdict {
  if (wanted === "relaxed") {
    return {
      faults: [],
      warnings: [
        "DURABILITY=relaxed: accepted events are as safe as this Redis keeps them, which is not checked",
      ],
    };
  }
  const { appendOnly, appendFsync, noFsyncOnRewrite, evictionPolicy, isLastWriteOk, replicas } = reading;
  const verdict: DurabilityVerdict = { faults: [], warnings: [] };
  const expect = (name: string, value: string | undefined, needed: string, danger: string) => {
    if (value === undefined)
      verdict.warnings.push(`redis does not tell its ${name}; unless it is ${needed}, ${danger}`);
    else if (value !== needed) verdict.faults.push(`redis has ${name} ${value}, not ${needed}: ${danger}`);
  };
  expect("appendonly", appendOnly, "yes", "accepted events are lost when it ends");
  if (appendOnly !== "no") {
    expect("appendfsync", appendFsync, "always", "the last accepted events are lost when it ends");
    // Redis' own default, so that not knowing it is no news.
    expect(
      "no-appendfsync-on-rewrite",
      noFsyncOnRewrite ?? "no",
      "no",
      "what is accepted while it rewrites its file is lost when it ends",
    );
  }
  expect(
    "maxmemory-policy",
    evictionPolicy,
    "noeviction",
    "accepted events are thrown away when its memory is full",
  );
  if (isLastWriteOk === false)
    verdict.faults.push("redis could not write its append-only file the last time");
  if (wanted === "replicated" && replicas === 0) {
    verdict.faults.push("redis has no replica, and DURABILITY=replicated wants one");
  }
  return verdict;
}
