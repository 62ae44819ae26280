import {
  createDeliveryQueues,
  createQueueStats,
  createReplayQueue,
  createShardedDeliveryQueues,
  createShardedQueueStats,
  createTestRequests,
  type DeliveryQueues,
  type EventQueue,
  type QueueStats,
  registerQueueGauges,
  type ReplayQueue,
  shardPrefixes,
  type TestRequests,
} from "@triggers/queues";
import { createCachedRead, type Logger, type Registry, type Releasers } from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import type { GatewayConfig } from "./config.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { openEventQueue, type OpenedEventQueue } from "./open-event-queue.ts";

export interface OpenedQueues {
  /** Where events go, counted by the metrics. */
  queue: EventQueue;
  events: OpenedEventQueue;
  deliveryQueues: DeliveryQueues;
  replayQueue: ReplayQueue;
  testRequests: TestRequests;
  readQueueStats: () => Promise<QueueStats[]>;
}

/** How old figures of the queues may be when somebody asks. */
const statsMaxAgeMs = 3_000;

/** Every queue that the gateway adds to, and the figures of all. */
export function openQueues(options: {
  config: GatewayConfig;
  redis: RedisClient;
  commandTimeoutMs: number;
  onRedisTime: (redisTimeMs: number) => void;
  registry: Registry;
  metrics: GatewayMetrics;
  logger: Logger;
  releasers: Releasers;
}): OpenedQueues {
  const { config, redis, registry, metrics, releasers } = options;
  const prefixes = shardPrefixes(config.REDIS_PREFIX, config.QUEUE_SHARDS);
  // Jobs of ids only, and few: the first shard has them all.
  const [prefix = config.REDIS_PREFIX] = prefixes;
  const events = openEventQueue(options);
  const deliveryQueues = createShardedDeliveryQueues(
    prefixes.map((shard) => createDeliveryQueues(redis, shard)),
  );
  releasers.push("delivery queues", () => deliveryQueues.close());
  const replayQueue = createReplayQueue(redis, prefix);
  releasers.push("replay queue", () => replayQueue.close());
  const testRequests = createTestRequests(redis, prefix);
  releasers.push("test queue", () => testRequests.close());
  const queueStats = createShardedQueueStats(
    prefixes.map((shard) => createQueueStats(redis, shard, Date.now)),
  );
  releasers.push("queue statistics", () => queueStats.close());
  const readQueueStats = createCachedRead(() => queueStats.read(), statsMaxAgeMs);
  registerQueueGauges(registry, readQueueStats);
  const queue = metrics.observeEnqueues(events.queue);
  return { queue, events, deliveryQueues, replayQueue, testRequests, readQueueStats };
}
