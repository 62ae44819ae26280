import {
  createEventQueue,
  createReplicatedEventQueue,
  createShardedEventQueue,
  type EventQueue,
  shardPrefixes,
} from "@triggers/queues";
import {
  connectionOf,
  createFailFastRedis,
  type Logger,
  type RedisWatch,
  type Releasers,
  watchRedis,
} from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import type { GatewayConfig } from "./config.ts";

export interface OpenedEventQueue {
  queue: EventQueue;
  /** Of the very connection that events go over. */
  redisWatch: RedisWatch;
  isUp(): boolean;
}

/** The queue that makes events durable as `DURABILITY` wants it, and a watch on whether its Redis can. */
export function openEventQueue(options: {
  config: GatewayConfig;
  redis: RedisClient;
  commandTimeoutMs: number;
  onRedisTime: (redisTimeMs: number) => void;
  logger: Logger;
  releasers: Releasers;
}): OpenedEventQueue {
  const { config, commandTimeoutMs, onRedisTime, logger, releasers } = options;
  const isReplicated = config.DURABILITY === "replicated";
  // Waiting for a replica blocks a connection: nothing but events shall wait there.
  const redis = isReplicated
    ? createFailFastRedis(config.REDIS_URL, { name: "triggers-producer", commandTimeoutMs, logger })
    : options.redis;
  if (isReplicated) releasers.push("redis of the producer", () => redis.disconnect());
  const redisWatch = watchRedis({
    ...{ redis, logger, onRedisTime },
    durability: config.DURABILITY,
    intervalMs: config.REDIS_CHECK_INTERVAL_MS,
  });
  releasers.push("redis watch", () => redisWatch.stop());
  const shards = shardPrefixes(config.REDIS_PREFIX, config.QUEUE_SHARDS).map((prefix) => {
    const plain = createEventQueue(redis, prefix);
    if (!isReplicated) return plain;
    return createReplicatedEventQueue(plain, {
      connection: () => connectionOf(redis, `{${prefix}}`),
      waitMs: config.REPLICA_WAIT_MS,
      onMissing: () => redisWatch.check(),
    });
  });
  const queue = createShardedEventQueue(shards);
  releasers.push("queue", () => queue.close());
  return { queue, redisWatch, isUp: () => redis.status === "ready" };
}
