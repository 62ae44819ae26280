import { createThrottledLog, exitCodeOfBadConfig, type Logger, type RedisClient } from "@triggers/runtime";

export interface ShardRegistration {
  /** Resolves when Redis has confirmed that all processes count alike; until then nothing may be enqueued or taken. */
  confirmed: Promise<void>;
  /** Why nothing may be accepted yet, from memory; empty while Redis is away, since nothing can be then. */
  faults(): readonly string[];
  stop(): void;
}

const retryMs = 500;

export const shardCountKey = (prefix: string) => `{${prefix}}:queue-shards`;

/**
 * The number of shards that the processes of this prefix have agreed on: the first one's. A Redis of the time before
 * there were shards has jobs under the fleet's own prefix, which is one shard.
 */
export async function registeredShards(redis: RedisClient, prefix: string, count: number): Promise<number> {
  const key = shardCountKey(prefix);
  if (count !== 1 && (await redis.exists(`{${prefix}}:events:meta`)) === 1) await redis.set(key, "1", "NX");
  await redis.set(key, String(count), "NX");
  return Number(await redis.get(key));
}

/**
 * Ends the process when others of this prefix spread the queues over another number of shards: it would look for events
 * and dedup windows where they are not. Asked at every connect, and in between, since Redis may have been emptied.
 */
export function registerShardsOrExit(options: {
  redis: RedisClient;
  prefix: string;
  count: number;
  intervalMs: number;
  logger: Logger;
}): ShardRegistration {
  const { redis, prefix, count, intervalMs, logger } = options;
  let confirm: () => void = () => undefined;
  const confirmed = new Promise<void>((resolve) => (confirm = resolve));
  const logFailure = createThrottledLog(logger, "warn", "the number of queue shards could not be read");
  let isConfirmed = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function check() {
    clearTimeout(timer);
    try {
      const registered = await registeredShards(redis, prefix, count);
      if (isStopped) return;
      if (registered !== count) {
        logger.error(
          "QUEUE_SHARDS differs from what this Redis was filled with; set it to that, or change it as docs/scaling.md says",
          { registered, configured: count },
        );
        process.exit(exitCodeOfBadConfig);
      }
      isConfirmed = true;
      confirm();
      again(intervalMs);
    } catch (error) {
      if (redis.status === "ready") logFailure({ error });
      again(retryMs);
    }
  }

  function again(delayMs: number) {
    clearTimeout(timer);
    if (!isStopped) timer = setTimeout(() => void check(), delayMs);
  }

  const begin = () => void check();
  redis.on("ready", begin);
  if (redis.status === "ready") begin();
  return {
    confirmed,
    faults: () =>
      isConfirmed || redis.status !== "ready" ? [] : ["the number of queue shards has not been checked yet"],
    stop() {
      isStopped = true;
      clearTimeout(timer);
      redis.off("ready", begin);
    },
  };
}
