import { Cluster, type Redis } from "ioredis";
import type { Logger } from "../logger.ts";
import { mastersOf, type RedisClient } from "../redis-client.ts";
import { type Durability, type DurabilityVerdict, judgeDurability } from "./judge-durability.ts";
import { readRedis } from "./redis-reading.ts";

export interface RedisWatch {
  /** Why what this Redis accepts now could be lost, from memory; empty while it is away, since it accepts nothing then. */
  faults(): readonly string[];
  warnings(): readonly string[];
  /** Asks anew, when something happened that may have changed the answer. */
  check(): void;
  stop(): void;
}

/** Another Redis may be there after every reconnect: until it was asked, nothing is known of it. */
const unchecked: DurabilityVerdict = {
  faults: ["redis has not told yet how it keeps what it is given"],
  warnings: [],
};
const away: DurabilityVerdict = { faults: [], warnings: [] };
/** After a check that failed although the connection stands. */
const retryMs = 500;
const faultyMs = 1_000;

/**
 * Checks at every connect, and in between, whether Redis keeps the wanted promise. The first check goes out with the
 * connection's first commands, so that publishing waits for it only a round trip.
 */
export function watchRedis(options: {
  redis: RedisClient;
  durability: Durability;
  logger: Logger;
  intervalMs: number;
  onRedisTime?: (redisTimeMs: number) => void;
}): RedisWatch {
  const { redis, durability, logger, intervalMs, onRedisTime } = options;
  let verdict: DurabilityVerdict | undefined;
  let told = { faults: "[]", warnings: "[]" };
  let timer: NodeJS.Timeout | undefined;
  let connection = 0;
  let isStopped = false;

  async function check() {
    clearTimeout(timer);
    if (isStopped || redis.status !== "ready") return;
    const own = connection;
    try {
      const readings = await Promise.all(mastersOf(redis).map(readRedis));
      // An answer of the connection before says nothing of the Redis that is there now.
      if (own !== connection) return;
      for (const { timeMs } of readings) onRedisTime?.(timeMs);
      verdict = worstOf(readings.map((reading) => judgeDurability(durability, reading)));
      tell(verdict);
      // While nothing is accepted, a replica that is back shall be seen soon.
      schedule(verdict.faults.length > 0 ? Math.min(intervalMs, faultyMs) : intervalMs);
    } catch {
      if (own === connection) schedule(retryMs);
    }
  }

  function schedule(delayMs: number) {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(() => void check(), delayMs);
  }

  function tell({ faults, warnings }: DurabilityVerdict) {
    const now = { faults: JSON.stringify(faults), warnings: JSON.stringify(warnings) };
    if (now.faults !== told.faults) {
      if (faults.length > 0) logger.error("redis cannot keep what is accepted: not ready", { faults });
      else logger.info("redis can keep what is accepted again");
    }
    if (now.warnings !== told.warnings && warnings.length > 0) {
      logger.warn("whether redis keeps what is accepted is not known for sure", { warnings });
    }
    told = now;
  }

  const begin = () => {
    connection += 1;
    verdict = undefined;
    void check();
  };
  const beginForMaster = ({ options }: Redis) => {
    if (!options.readOnly) begin();
  };
  const forget = () => {
    connection += 1;
    verdict = undefined;
    clearTimeout(timer);
  };
  redis.on("ready", begin);
  redis.on("close", forget);
  // A master that has come to a Cluster, or has come back to it, may keep things otherwise than the others.
  if (redis instanceof Cluster) redis.on("+node", beginForMaster);
  if (redis.status === "ready") begin();

  const current = () => verdict ?? (redis.status === "ready" ? unchecked : away);
  return {
    faults: () => current().faults,
    warnings: () => current().warnings,
    check: () => void check(),
    stop() {
      isStopped = true;
      clearTimeout(timer);
      redis.off("ready", begin);
      redis.off("close", forget);
      redis.off("+node", beginForMaster);
    },
  };
}

/** What one master of a Cluster cannot keep, the Cluster cannot. */
function worstOf(verdicts: readonly DurabilityVerdict[]): DurabilityVerdict {
  if (verdicts.length === 0) throw new Error("no master is known");
  const all = (lists: readonly string[][]) => [...new Set(lists.flat())];
  return {
    faults: all(verdicts.map(({ faults }) => faults)),
    warnings: all(verdicts.map(({ warnings }) => warnings)),
  };
}
