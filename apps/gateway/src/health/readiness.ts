/** What stands between this process and its work, from memory: a probe must not wait for what it asks about. */
export interface Readiness {
  /** Reasons why the process must get no traffic, for the reader of the probe. */
  blockers(): string[];
  /** Dependencies that are away. One of two leaves half a system, which still works. */
  down(): string[];
}

export interface ReadinessSources {
  isRedisUp: () => boolean;
  isPostgresUp: () => boolean;
  isSchemaCurrent: () => boolean;
  isDraining: () => boolean;
  /** How far this machine's clock is from Redis', in ms. */
  clockSkewMs: () => number;
}

/** Ids carry the time; beyond this the events of two gateways would lie days apart. */
export const maxClockSkewMs = 300_000;

export function createReadiness(sources: ReadinessSources): Readiness {
  const down = () => [
    ...(sources.isRedisUp() ? [] : ["redis"]),
    ...(sources.isPostgresUp() ? [] : ["postgres"]),
  ];
  return {
    down,
    blockers: () => [
      ...(sources.isDraining() ? ["draining"] : []),
      ...(sources.isSchemaCurrent() ? [] : ["the schema has not been checked yet"]),
      ...(Math.abs(sources.clockSkewMs()) > maxClockSkewMs ? ["the clock is more than 5 minutes off"] : []),
      ...(down().length === 2 ? ["redis and postgres are both away"] : []),
    ],
  };
}
