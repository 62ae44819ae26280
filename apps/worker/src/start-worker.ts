import { openPostgres, waitForSchema } from "@triggers/db";
import { type Consumer, registerShardsOrExit } from "@triggers/queues";
import {
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
import type { At } from "./fault-points.ts";
import { startHealthServer } from "./health/health-server.ts";
import { leadFleet } from "./lead-fleet.ts";
import { openProcessors } from "./open-processors.ts";
import { openQueues } from "./open-queues.ts";
import { startConsumers } from "./start-consumers.ts";
import { createWorkerMetrics } from "./worker-metrics.ts";

export interface Worker {
  healthPort: number;
  /** Takes nothing new, finishes what is in hand, cuts POSTs that take too long, then closes everything. */
  drain(): Promise<void>;
}

/** Opens everything and begins to consume as soon as the schema is known to be right. */
export async function startWorker(config: WorkerConfig, logger: Logger, at: At): Promise<Worker> {
  const releasers = createReleasers(logger);
  const drained = new AbortController();
  let isDraining = false;
  let isSchemaCurrent = false;
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
  const registry = createRegistry();
  const metrics = createWorkerMetrics(registry);
  const opening = { config, db, redis, registry, metrics, logger, releasers, at, drained: drained.signal };
  const { eventQueue, replayQueue, oldestWaitingMs } = openQueues(opening);
  const { announcer, window, deliveryQueues, processors } = openProcessors({ ...opening, eventQueue });

  const registration = registerShardsOrExit({
    ...{ redis, logger, prefix: config.REDIS_PREFIX, count: config.QUEUE_SHARDS },
    intervalMs: config.REDIS_CHECK_INTERVAL_MS,
  });
  releasers.push("registration of the shards", () => registration.stop());
  const begin = () => {
    if (isDraining) return;
    consumers = startConsumers({ config, redis: consumerRedis, processors, logger });
    const sweepers = leadFleet({
      databaseUrl: config.DATABASE_URL,
      prefix: config.REDIS_PREFIX,
      sweeper: {
        ...{ db, eventQueue, replayQueue, deliveryQueues, window, announcer, logger },
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
    current: () => {
      isSchemaCurrent = true;
      void registration.confirmed.then(begin);
    },
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
      ...(isSchemaCurrent ? [] : ["the schema has not been checked yet"]),
      ...registration.faults(),
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
