import { readFileSync } from "node:fs";
import { openPostgres, waitForSchema } from "@triggers/db";
import { createWakeUpPublisher, registerShardsOrExit } from "@triggers/queues";
import {
  createFailFastRedis,
  createRegistry,
  createReleasers,
  createSharedReads,
  createThrottledLog,
  type Logger,
  startMetricsServer,
} from "@triggers/runtime";
import { createApp } from "./app.ts";
import { appSettingsOf } from "./app-settings.ts";
import type { GatewayConfig } from "./config.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";
import { createReadiness } from "./health/readiness.ts";
import { untilReady } from "./health/until-ready.ts";
import { createDrainableServer } from "./http/drainable-server.ts";
import { createExpressMessages } from "./http/create-express-messages.ts";
import { registerInboxGauges } from "./inbox/inbox-metrics.ts";
import { createRaiseEpoch } from "./keys/epochs.ts";
import { openAdmission } from "./open-admission.ts";
import { openInboxWaiters } from "./open-inbox-waiters.ts";
import { openKeys } from "./open-keys.ts";
import { openQueues } from "./open-queues.ts";

export interface Gateway {
  port: number;
  /** The same, unless the metrics have a port of their own. */
  metricsPort: number;
  /** Not ready, no new connections, what is in hand is finished, then everything is closed. */
  drain(): Promise<void>;
}

/** Publishing must know within its deadline that Redis does not answer. */
const commandTimeoutMs = 800;
/** Exports may go on for this part of a drain; the rest is for closing everything. */
const drainShareOfStreams = 0.6;
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** Opens everything the app needs and listens; it serves what it can while Redis or Postgres are still away. */
export async function startGateway(config: GatewayConfig, logger: Logger): Promise<Gateway> {
  const releasers = createReleasers(logger);
  let isDraining = false;
  const drained = new AbortController();
  let isSchemaCurrent = false;
  let clockSkewMs = 0;
  const onRedisTime = (redisTimeMs: number) => (clockSkewMs = Date.now() - redisTimeMs);

  const { db, postgres } = openPostgres({
    url: config.DATABASE_URL,
    applicationName: "triggers-gateway",
    maxConnections: config.DATABASE_MAX_CONNECTIONS,
    logger,
    releasers,
  });
  const redis = createFailFastRedis(config.REDIS_URL, {
    name: "triggers-gateway",
    commandTimeoutMs,
    logger,
  });
  releasers.push("redis", () => redis.disconnect());
  const registry = createRegistry();
  const metrics = createGatewayMetrics(registry);
  const opening = { config, db, redis, registry, metrics, logger, releasers, onRedisTime };
  const { events, ...queues } = openQueues({ ...opening, commandTimeoutMs });
  const registration = registerShardsOrExit({
    ...{ redis, logger, prefix: config.REDIS_PREFIX, count: config.QUEUE_SHARDS },
    intervalMs: config.REDIS_CHECK_INTERVAL_MS,
  });
  releasers.push("registration of the shards", () => registration.stop());
  registerInboxGauges(registry, db);
  const keys = openKeys(opening);
  const publishWakeUps = createWakeUpPublisher(redis, config.REDIS_PREFIX);
  const inboxWaiters = openInboxWaiters(opening);
  const readiness = createReadiness({
    isRedisUp: () => redis.status === "ready" && events.isUp(),
    isPostgresUp: () => postgres.isUp(),
    isSchemaCurrent: () => isSchemaCurrent,
    isDraining: () => isDraining,
    clockSkewMs: () => clockSkewMs,
    redisFaults: () => [...events.redisWatch.faults(), ...registration.faults()],
    redisWarnings: () => events.redisWatch.warnings(),
  });
  const app = createApp({
    ...appSettingsOf(config),
    ...queues,
    ...keys,
    ...openAdmission({ config, redis, queue: queues.queue }),
    ...{ db, logger, version, inboxWaiters, publishWakeUps, readiness },
    now: Date.now,
    keyLookups: metrics.keyLookups,
    observeRequests: metrics.observeRequests,
    waitForEvents: (organizationId, options) => inboxWaiters.waitForEvents(organizationId, options),
    draining: inboxWaiters.draining,
    shareRead: createSharedReads(),
    metrics: config.METRICS_PORT === undefined ? registry : undefined,
    drained: drained.signal,
    raiseEpoch: createRaiseEpoch(redis, config.REDIS_PREFIX, publishWakeUps),
    requireSafety: () => readiness.requireSafety(),
  });

  const times = {
    headersTimeoutMs: config.HEADERS_TIMEOUT_MS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    noticeMs: config.DRAIN_NOTICE_MS,
  };
  const logWaiting = createThrottledLog(logger, "warn", "waiting for postgres");
  const schema = waitForSchema(db, {
    current: () => (isSchemaCurrent = true),
    // Waiting here cannot make it right: another process has to migrate.
    behind: (missing) => {
      logger.error("the schema is behind; run the migrations", { missing });
      process.exit(1);
    },
    waiting: (error) => logWaiting({ error }),
  });
  releasers.push("schema check", () => schema.stop());
  await untilReady(readiness);
  const server = createDrainableServer(app, times, createExpressMessages(app));
  const port = await server.listen(config.PORT, config.HOST);
  const metricsServer =
    config.METRICS_PORT === undefined
      ? undefined
      : await startMetricsServer(config.METRICS_PORT, config.HOST, registry);
  if (metricsServer) releasers.push("metrics", () => metricsServer.close());
  const metricsPort = metricsServer?.port ?? port;
  logger.info("listening", { host: config.HOST, port, metricsPort });

  return {
    port,
    metricsPort,
    async drain() {
      isDraining = true;
      inboxWaiters.drain();
      const cut = setTimeout(() => drained.abort(), config.DRAIN_LIMIT_MS * drainShareOfStreams);
      await server.drain();
      clearTimeout(cut);
      await releasers.releaseAll();
    },
  };
}
