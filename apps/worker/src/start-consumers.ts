import { queueNames } from "@triggers/domain";
import {
  type Consumer,
  createConsumer,
  type ReceivedJob,
  shardPrefixes,
  testQueueName,
} from "@triggers/queues";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import type { WorkerConfig } from "./config.ts";
import { testConcurrency } from "./test-send/send-test.ts";

export type ProcessJob = (job: ReceivedJob) => Promise<void>;

/** What is done with the jobs of each queue. */
export interface Processors {
  events: ProcessJob;
  deliveries: ProcessJob;
  replays: ProcessJob;
  tests: ProcessJob;
}

/** Each is a loop of transactions: two leave the pool's connections to the events. */
const replayConcurrency = 2;

/** Begins to take jobs out of every queue of every shard. What may run at once is shared out among the shards. */
export function startConsumers(options: {
  config: WorkerConfig;
  redis: RedisClient;
  processors: Processors;
  logger: Logger;
}): Consumer[] {
  const { config, redis, processors, logger } = options;
  const consume = (prefix: string, queueName: string, concurrency: number, process: ProcessJob) => {
    const logError = createThrottledLog(logger, "warn", "a consumer failed");
    return createConsumer({
      queueName,
      concurrency,
      process,
      connection: redis,
      prefix,
      lockMs: config.JOB_LOCK_MS,
      stalledCheckMs: config.STALLED_CHECK_MS,
      // The events' reaper hands them back; the truth about deliveries is in Postgres.
      keepsFailed: queueName === queueNames.events,
      onError: (error) => logError({ queueName, error }),
    });
  };
  const prefixes = shardPrefixes(config.REDIS_PREFIX, config.QUEUE_SHARDS);
  const [first = config.REDIS_PREFIX] = prefixes;
  const shareOf = (concurrency: number) => Math.ceil(concurrency / prefixes.length);
  return [
    ...prefixes.flatMap((shard) => [
      consume(shard, queueNames.events, shareOf(config.PERSIST_CONCURRENCY), processors.events),
      consume(shard, queueNames.deliveries, shareOf(config.DELIVERY_CONCURRENCY), processors.deliveries),
      consume(shard, queueNames.retries, shareOf(config.RETRY_CONCURRENCY), processors.deliveries),
    ]),
    consume(first, queueNames.replays, replayConcurrency, processors.replays),
    // Where nothing is delivered, tests are not sent either: whoever asks for one hears that no worker does it.
    ...(config.DISABLE_WEBHOOK_DELIVERY
      ? []
      : [consume(first, testQueueName, testConcurrency, processors.tests)]),
  ];
}
