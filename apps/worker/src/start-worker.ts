import { openPostgres, waitForSchema } from "@triggers/db";
import { createSecretBox, parseSecretKeys, queueNames } from "@triggers/domain";
import { createAddressRule, createGuardedAgents } from "@triggers/egress";
import {
  type Consumer,
  createConsumer,
  createDeliveryQueues,
  createEventQueue,
  createQueueStats,
  type ReceivedJob,
  registerQueueGauges,
} from "@triggers/queues";
import {
  createCachedRead,
  createFailFastRedis,
  createPatientRedis,
  createRegistry,
  createReleasers,
  createThrottledLog,
  listOf,
  type Logger,
  startMetricsServer,
  watchRedis,
} from "@triggers/runtime";
import type { WorkerConfig } from "./config.ts";
import { createDeliveryProcessor } from "./deliver/deliver.ts";
import { createWebhookSender } from "./deliver/send-webhook.ts";
import type { At } from "./fault-points.ts";
import { startHealthServer } from "./health/health-server.ts";
import { leadFleet } from "./lead-fleet.ts";
import { createEventProcessor } from "./persist/persist-events.ts";
import { createWorkerMetrics } from "./worker-metrics.ts";

export interface Worker {
  healthPort: number;
  /** Takes nothing new, finishes what is in hand, cuts POSTs that take too long, then closes everything. */
  drain(): Promise<void>;
}

/** How old figures of the queues may be when somebody asks. */
const statsMaxAgeMs = 3_000;

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
  const deliveryQueues = createDeliveryQueues(redis, config.REDIS_PREFIX);
  releasers.push("delivery queues", () => deliveryQueues.close());
  const registry = createRegistry();
  const metrics = createWorkerMetrics(registry);
  const queueStats = createQueueStats(redis, config.REDIS_PREFIX, Date.now);
  releasers.push("queue statistics", () => queueStats.close());
  const readQueueStats = createCachedRead(() => queueStats.read(), statsMaxAgeMs);
  registerQueueGauges(registry, readQueueStats);
  const oldestWaitingMs = async () =>
    (await readQueueStats()).find(({ name }) => name === queueNames.events)?.oldestWaitingMs ?? 0;
  const agents = createGuardedAgents({
    rule: createAddressRule({ allowedCidrs: listOf(config.WEBHOOK_ALLOWED_CIDRS) }),
    // One for every job that may run: a request that waited for a connection would use up its timeout.
    maxSocketsPerHost: config.DELIVERY_CONCURRENCY + config.RETRY_CONCURRENCY,
    idleTimeoutMs: 60_000,
  });
  releasers.push("webhook connections", () => agents.destroy());

  const events = createEventProcessor({
    db,
    deliveryQueues,
    logger,
    at,
    isDeliveryDisabled: config.DISABLE_WEBHOOK_DELIVERY,
    observeBatch: metrics.observeBatch,
    drained: drained.signal,
  });
  const deliveries = createDeliveryProcessor({
    db,
    deliveryQueues,
    logger,
    at,
    send: createWebhookSender({ agents }),
    observeAttempt: metrics.observeAttempt,
    secretBox: createSecretBox(parseSecretKeys(config.SECRET_KEYS)),
    claimMs: config.CLAIM_MS,
    retryHorizonMs: config.RETRY_HORIZON_MS,
    drained: drained.signal,
  });
  releasers.push("claims", () => deliveries.stop());

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
      consume(queueNames.deliveries, config.DELIVERY_CONCURRENCY, deliveries.process),
      consume(queueNames.retries, config.RETRY_CONCURRENCY, deliveries.process),
    ];
    const sweepers = leadFleet({
      databaseUrl: config.DATABASE_URL,
      prefix: config.REDIS_PREFIX,
      sweeper: { db, eventQueue, deliveryQueues, logger, intervalMs: config.SWEEP_INTERVAL_MS },
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
