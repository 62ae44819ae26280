import type { Database } from "@triggers/db";
import { createTestAnswers, createWakeUpPublisher, type EventQueue, shardPrefixes } from "@triggers/queues";
import type { Logger, Registry, Releasers } from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import { type Announcer, createAnnouncer } from "./announce/announcer.ts";
import type { WorkerConfig } from "./config.ts";
import { openDelivering } from "./deliver/open-delivering.ts";
import type { At } from "./fault-points.ts";
import { createEventProcessor } from "./persist/persist-events.ts";
import { createReplayProcessor } from "./replay/run-replay.ts";
import type { Processors } from "./start-consumers.ts";
import { createTestProcessor } from "./test-send/send-test.ts";
import type { WorkerMetrics } from "./worker-metrics.ts";

export interface OpenedProcessors extends Pick<
  ReturnType<typeof openDelivering>,
  "window" | "deliveryQueues"
> {
  announcer: Announcer;
  processors: Processors;
}

/** The work itself: what is done with a job of each queue, and what the sweeper shares with it. */
export function openProcessors(options: {
  config: WorkerConfig;
  db: Database;
  redis: RedisClient;
  eventQueue: EventQueue;
  registry: Registry;
  metrics: WorkerMetrics;
  logger: Logger;
  releasers: Releasers;
  at: At;
  drained: AbortSignal;
}): OpenedProcessors {
  const { config, db, redis, eventQueue, metrics, logger, releasers, at, drained } = options;
  const announcer = createAnnouncer({ db, eventQueue, logger, at });
  releasers.push("operational events", () => announcer.settle());
  const delivering = openDelivering({ ...options, announcer });
  const { window, deliveryQueues, send, secretBox } = delivering;
  const events = createEventProcessor({
    ...{ db, window, announcer, logger, at, drained },
    isDeliveryDisabled: config.DISABLE_WEBHOOK_DELIVERY,
    publishWakeUps: createWakeUpPublisher(redis, config.REDIS_PREFIX),
    observeBatch: metrics.observeBatch,
  });
  const [firstShard = config.REDIS_PREFIX] = shardPrefixes(config.REDIS_PREFIX, config.QUEUE_SHARDS);
  const tests = createTestProcessor({
    ...{ db, send, secretBox, logger, drained },
    answers: createTestAnswers(redis, firstShard),
  });
  const replays = createReplayProcessor({ db, window, logger, at, drained });
  const processors = { events, deliveries: delivering.process, replays, tests };
  return { announcer, window, deliveryQueues, processors };
}
