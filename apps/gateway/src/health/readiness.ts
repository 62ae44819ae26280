import { DomainError } from "@triggers/domain";

/** What stands between this process and its work, from memory: a probe must not wait for what it asks about. */
export interface Readiness {
  /** Reasons why the process must get no traffic, for the reader of the probe. */
  blockers(): string[];
  /** Dependencies that are away. One of two leaves half a system, which still works. */
  down(): string[];
  /** What the operator should know although it does not stand in the way. */
  warnings(): readonly string[];
  /** Throws `not_ready` while a 202 would be a false promise. */
  requireSafety(): void;
}

export interface ReadinessSources {
  isRedisUp: () => boolean;
  isPostgresUp: () => boolean;
  isSchemaCurrent: () => boolean;
  isDraining: () => boolean;
  /** How far this machine's clock is from Redis', in ms. */
  clockSkewMs: () => number;
  /** Why Redis could lose what it accepts. */
  redisFaults: () => readonly string[];
  redisWarnings: () => readonly string[];
}

/** Ids carry the time; beyond this the events of two gateways would lie days apart. */
export const maxClockSkewMs = 300_000;

export function createReadiness(sources: ReadinessSources): Readiness {
  const down = () => [
    ...(sources.isRedisUp() ? [] : ["redis"]),
    ...(sources.isPostgresUp() ? [] : ["postgres"]),
  ];
  /** Ids carry the time: one of another year would be filed there, and fall to the retention at once. */
  const dangers = () => [
    ...(Math.abs(sources.clockSkewMs()) > maxClockSkewMs ? ["the clock is more than 5 minutes off"] : []),
    ...sources.redisFaults(),
  ];
  return {
    down,
    warnings: sources.redisWarnings,
    requireSafety() {
      const [danger] = dangers();
      if (danger === undefined) return;
      throw new DomainError(
        "not_ready",
        "Events cannot be accepted safely right now, and nothing was accepted; the operator finds the reason in the health report.",
        { headers: { "Retry-After": "5" }, cause: danger },
      );
    },
    blockers: () => [
      ...(sources.isDraining() ? ["draining"] : []),
      ...(sources.isSchemaCurrent() ? [] : ["the schema has not been checked yet"]),
      ...dangers(),
      ...(down().length === 2 ? ["redis and postgres are both away"] : []),
    ],
  };
}
