import { openPostgres, waitForSchema } from "@triggers/db";
import { queueNames } from "@triggers/domain";
import {
  type Consumer,
  createConsumer,
  createEventQueue,
  createQueueStats,
  createReplayQueue,
  createTestAnswers,
  createWakeUpPublisher,
  type ReceivedJob,
  registerQueueGauges,
  testQueueName,
} from "@triggers/queues";
import {
  createCachedRead,
  createFailFastRedis,
  createPatientRedis,
  createRegistry,
  createReleasers,
  createThrottledLog,
  type Logger,
  startMetricsServer,
  watchRedis,
} from "@triggers/runtime";
import type { WorkerConfig } from "./config.ts";
import { createAnnouncer } from "./announce/announcer.ts";
import { openDelivering } from "./deliver/open-delivering.ts";
import type { At } from "./fault-points.ts";
import { startHealthServer } from "./health/health-server.ts";
import { leadFleet } from "./lead-fleet.ts";
import { createEventProcessor } from "./persist/persist-events.ts";
import { createReplayProcessor } from "./replay/run-replay.ts";
import { createTestProcessor, testConcurrency } from "./test-send/send-test.ts";
import { createWorkerMetrics } from "./worker-metrics.ts";

export interface Worker {
  healthPort: number;
  /** Takes nothing new, finishes what is in hand, cuts POSTs that take too long, then closes everything. */
  drain(): Promise<void>;
}

/** How old figures of the queues may be when somebody asks. */
const statsMaxAgeMs = 3_000;

/** Each is a loop of transactions: two leave the pool's connections to the events. */
const replayConcurrency = 2;

/** Opens everything and begins to consume as soon as the schema is known to be right. */
export async function startWorker(config: WorkerConfig, logger: Logger, at: At): Promise<Worker> {
  const releasers = createReleasers(logger);
  const drained = new AbortController();
  let isDraining = false;
  let consumers: Consumer[] = [];

  const { db, postgres, logFailure } = openPostgres({
    url: config.DATABASE_URL,
    applicationName: "triggers-worker",
    maxConnections: config.DATABASE_MAX_CONNECTIONS,
    hasFixedPlans: true,
    logger,
    releasers,
  });
  const redis = createFailFastRedis(config.REDIS_URL, {
    name: "triggers-worker",
    commandTimeoutMs: 5_000,
    logger,
  });
  releasers.push("redis", () => redis.disconnect());
  const redisWatch = watchRedis({
    redis,
    durability: config.DURABILITY,
    logger,
    intervalMs: config.REDIS_CHECK_INTERVAL_MS,
  });
  releasers.push("redis watch", () => redisWatch.stop());
  const consumerRedis = createPatientRedis(config.REDIS_URL, { name: "triggers-worker-jobs", logger });
  releasers.push("redis of the consumers", () => consumerRedis.disconnect());
  const eventQueue = createEventQueue(redis, config.REDIS_PREFIX);
  releasers.push("event queue", () => eventQueue.close());
  const replayQueue = createReplayQueue(redis, config.REDIS_PREFIX);
  releasers.push("replay queue", () => replayQueue.close());
  const registry = createRegistry();
  const metrics = createWorkerMetrics(registry);
  const queueStats = createQueueStats(redis, config.REDIS_PREFIX, Date.now);
  releasers.push("queue statistics", () => queueStats.close());
  const readQueueStats = createCachedRead(() => queueStats.read(), statsMaxAgeMs);
  registerQueueGauges(registry, readQueueStats);
  const oldestWaitingMs = async () =>
    (await readQueueStats()).find(({ name }) => name === queueNames.events)?.oldestWaitingMs ?? 0;
  const announcer = createAnnouncer({ db, eventQueue, logger, at });
  releasers.push("operational events", () => announcer.settle());
  const delivering = openDelivering({
    ...{ db, redis, config, logger, at, registry, metrics, releasers, announcer },
    drained: drained.signal,
  });
  const { window } = delivering;
  const events = createEventProcessor({
    ...{ db, window, announcer, logger, at },
    isDeliveryDisabled: config.DISABLE_WEBHOOK_DELIVERY,
    publishWakeUps: createWakeUpPublisher(redis, config.REDIS_PREFIX),
    observeBatch: metrics.observeBatch,
    drained: drained.signal,
  });
  const tests = createTestProcessor({
    ...{ db, send: delivering.send, secretBox: delivering.secretBox, logger, drained: drained.signal },
    answers: createTestAnswers(redis, config.REDIS_PREFIX),
  });

  const replays = createReplayProcessor({ db, window, logger, at, drained: drained.signal });

  const consume = (queueName: string, concurrency: number, process: (job: ReceivedJob) => Promise<void>) => {
    const logError = createThrottledLog(logger, "warn", "a consumer failed");
    return createConsumer({
      queueName,
      concurrency,
      process,
      connection: consumerRedis,
      prefix: config.REDIS_PREFIX,
      lockMs: config.JOB_LOCK_MS,
      stalledCheckMs: config.STALLED_CHECK_MS,
      // The events' reaper hands them back; the truth about deliveries is in Postgres.
      keepsFailed: queueName === queueNames.events,
      onError: (error) => logError({ queueName, error }),
    });
  };
  const begin = () => {
    consumers = [
      consume(queueNames.events, config.PERSIST_CONCURRENCY, events),
      consume(queueNames.deliveries, config.DELIVERY_CONCURRENCY, delivering.process),
      consume(queueNames.retries, config.RETRY_CONCURRENCY, delivering.process),
      consume(queueNames.replays, replayConcurrency, replays),
      // Where nothing is delivered, tests are not sent either: whoever asks for one hears that no worker does it.
      ...(config.DISABLE_WEBHOOK_DELIVERY ? [] : [consume(testQueueName, testConcurrency, tests)]),
    ];
    const sweepers = leadFleet({
      databaseUrl: config.DATABASE_URL,
      prefix: config.REDIS_PREFIX,
      sweeper: {
        ...{ db, eventQueue, replayQueue, window, announcer, logger },
        deliveryQueues: delivering.deliveryQueues,
        intervalMs: config.SWEEP_INTERVAL_MS,
      },
      retention: {
        databaseUrl: config.DATABASE_URL,
        retentionDays: config.RETENTION_DAYS,
        intervalMs: config.RETENTION_INTERVAL_MS,
        oldestQueuedAt: async () => Date.now() - (await oldestWaitingMs()),
        countUnread: metrics.countExpiredUnread,
        logger,
      },
      onLeading: metrics.setLeader,
      onError: (error) => logFailure({ error }),
    });
    releasers.push("sweeper", () => sweepers.stop());
    logger.info("consuming");
  };
  const logWaiting = createThrottledLog(logger, "warn", "waiting for postgres");
  const schema = waitForSchema(db, {
    current: begin,
    // Waiting here cannot make it right: another process has to migrate.
    behind: (missing) => {
      logger.error("the schema is behind; run the migrations", { missing });
      process.exit(1);
    },
    waiting: (error) => logWaiting({ error }),
  });

  const down = () => [
    ...(redis.status === "ready" ? [] : ["redis"]),
    ...(postgres.isUp() ? [] : ["postgres"]),
  ];
  const health = await startHealthServer(config.WORKER_PORT, config.HOST, {
    down,
    metrics: config.METRICS_PORT === undefined ? registry : undefined,
    blockers: () => [
      ...(isDraining ? ["draining"] : []),
      ...(consumers.length === 0 ? ["the schema has not been checked yet"] : []),
      // It goes on all the same: what it takes out of such a Redis is safer in Postgres.
      ...redisWatch.faults(),
      ...(down().length === 2 ? ["redis and postgres are both away"] : []),
    ],
  });

  const metricsServer =
    config.METRICS_PORT === undefined
      ? undefined
      : await startMetricsServer(config.METRICS_PORT, config.HOST, registry);
  if (metricsServer) releasers.push("metrics", () => metricsServer.close());
  logger.info("listening", {
    host: config.HOST,
    port: health.port,
    metricsPort: metricsServer?.port ?? health.port,
  });

  return {
    healthPort: health.port,
    async drain() {
      isDraining = true;
      schema.stop();
      const cut = setTimeout(() => drained.abort(), config.DRAIN_POST_LIMIT_MS);
      await Promise.all(consumers.map((consumer) => consumer.close()));
      clearTimeout(cut);
      await health.close();
      await releasers.releaseAll();
    },
  };
}
