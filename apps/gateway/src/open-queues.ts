import {
  createDeliveryQueues,
  createQueueStats,
  createReplayQueue,
  createTestRequests,
  type DeliveryQueues,
  type EventQueue,
  type QueueStats,
  registerQueueGauges,
  type ReplayQueue,
  type TestRequests,
} from "@triggers/queues";
import { createCachedRead, type Logger, type Registry, type Releasers } from "@triggers/runtime";
import type { Redis } from "ioredis";
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
  redis: Redis;
  commandTimeoutMs: number;
  onRedisTime: (redisTimeMs: number) => void;
  registry: Registry;
  metrics: GatewayMetrics;
  logger: Logger;
  releasers: Releasers;
}): OpenedQueues {
  const { config, redis, registry, metrics, releasers } = options;
  const prefix = config.REDIS_PREFIX;
  const events = openEventQueue(options);
  const deliveryQueues = createDeliveryQueues(redis, prefix);
  releasers.push("delivery queues", () => deliveryQueues.close());
  const replayQueue = createReplayQueue(redis, prefix);
  releasers.push("replay queue", () => replayQueue.close());
  const testRequests = createTestRequests(redis, prefix);
  releasers.push("test queue", () => testRequests.close());
  const queueStats = createQueueStats(redis, prefix, Date.now);
  releasers.push("queue statistics", () => queueStats.close());
  const readQueueStats = createCachedRead(() => queueStats.read(), statsMaxAgeMs);
  registerQueueGauges(registry, readQueueStats);
  const queue = metrics.observeEnqueues(events.queue);
  return { queue, events, deliveryQueues, replayQueue, testRequests, readQueueStats };
}
