import { queueNames } from "@triggers/domain";
import { type Consumer, createConsumer, type ReceivedJob, testQueueName } from "@triggers/queues";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import type { Redis } from "ioredis";
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

/** Begins to take jobs out of every queue. */
export function startConsumers(options: {
  config: WorkerConfig;
  redis: Redis;
  processors: Processors;
  logger: Logger;
}): Consumer[] {
  const { config, redis, processors, logger } = options;
  const consume = (queueName: string, concurrency: number, process: ProcessJob) => {
    const logError = createThrottledLog(logger, "warn", "a consumer failed");
    return createConsumer({
      queueName,
      concurrency,
      process,
      connection: redis,
      prefix: config.REDIS_PREFIX,
      lockMs: config.JOB_LOCK_MS,
      stalledCheckMs: config.STALLED_CHECK_MS,
      // The events' reaper hands them back; the truth about deliveries is in Postgres.
      keepsFailed: queueName === queueNames.events,
      onError: (error) => logError({ queueName, error }),
    });
  };
  return [
    consume(queueNames.events, config.PERSIST_CONCURRENCY, processors.events),
    consume(queueNames.deliveries, config.DELIVERY_CONCURRENCY, processors.deliveries),
    consume(queueNames.retries, config.RETRY_CONCURRENCY, processors.deliveries),
    consume(queueNames.replays, replayConcurrency, processors.replays),
    // Where nothing is delivered, tests are not sent either: whoever asks for one hears that no worker does it.
    ...(config.DISABLE_WEBHOOK_DELIVERY ? [] : [consume(testQueueName, testConcurrency, processors.tests)]),
  ];
}
