import { queueNames } from "@triggers/domain";
import {
  createEventQueue,
  createQueueStats,
  createReplayQueue,
  createShardedEventQueue,
  createShardedQueueStats,
  type EventQueue,
  registerQueueGauges,
  type ReplayQueue,
  shardPrefixes,
} from "@triggers/queues";
import { createCachedRead, type Registry, type Releasers } from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import type { WorkerConfig } from "./config.ts";

export interface OpenedQueues {
  eventQueue: EventQueue;
  replayQueue: ReplayQueue;
  /** Since the oldest event that is not persisted was accepted; 0 when none waits. */
  oldestWaitingMs: () => Promise<number>;
}

/** How old figures of the queues may be when somebody asks. */
const statsMaxAgeMs = 3_000;

/** The queues that a worker adds to itself, except those of deliveries, and the figures of all. */
export function openQueues({
  config,
  redis,
  registry,
  releasers,
}: {
  config: WorkerConfig;
  redis: RedisClient;
  registry: Registry;
  releasers: Releasers;
}): OpenedQueues {
  const prefixes = shardPrefixes(config.REDIS_PREFIX, config.QUEUE_SHARDS);
  // Jobs of ids only, and few: the first shard has them all.
  const [prefix = config.REDIS_PREFIX] = prefixes;
  const eventQueue = createShardedEventQueue(prefixes.map((shard) => createEventQueue(redis, shard)));
  releasers.push("event queue", () => eventQueue.close());
  const replayQueue = createReplayQueue(redis, prefix);
  releasers.push("replay queue", () => replayQueue.close());
  const queueStats = createShardedQueueStats(
    prefixes.map((shard) => createQueueStats(redis, shard, Date.now)),
  );
  releasers.push("queue statistics", () => queueStats.close());
  const readQueueStats = createCachedRead(() => queueStats.read(), statsMaxAgeMs);
  registerQueueGauges(registry, readQueueStats);
  return {
    eventQueue,
    replayQueue,
    oldestWaitingMs: async () =>
      (await readQueueStats()).find(({ name }) => name === queueNames.events)?.oldestWaitingMs ?? 0,
  };
}
