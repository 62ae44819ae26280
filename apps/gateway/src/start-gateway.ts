import { readFileSync } from "node:fs";
import { openPostgres, readPositions, waitForSchema } from "@triggers/db";
import { createSecretBox, parseSecretKeys } from "@triggers/domain";
import { createAddressRule } from "@triggers/egress";
import {
  createDeliveryQueues,
  createQueueStats,
  createReplayQueue,
  createTestRequests,
  createWakeUpPublisher,
  registerQueueGauges,
  subscribeToWakeUps,
} from "@triggers/queues";
import {
  createCachedRead,
  createFailFastRedis,
  createPatientRedis,
  createRedisMemory,
  createRegistry,
  createReleasers,
  createSharedReads,
  createThrottledLog,
  listOf,
  type Logger,
  startMetricsServer,
} from "@triggers/runtime";
import { createApp } from "./app.ts";
import { type GatewayConfig, rateLimitOfTier } from "./config.ts";
import { createFairShares } from "./events/fair-shares.ts";
import { createQueueDepth } from "./events/queue-depth.ts";
import { createGatewayMetrics } from "./gateway-metrics.ts";
import { createReadiness } from "./health/readiness.ts";
import { createDrainableServer } from "./http/drainable-server.ts";
import { createExpressMessages } from "./http/create-express-messages.ts";
import { registerInboxGauges } from "./inbox/inbox-metrics.ts";
import { createInboxWaiters } from "./inbox/inbox-waiters.ts";
import { createRaiseEpoch } from "./keys/epochs.ts";
import { createAdmit } from "./keys/admission.ts";
import { createKeyUses } from "./keys/key-uses.ts";
import { createSecretHasher } from "./keys/secret-hasher.ts";
import { createStillAdmits } from "./keys/still-admits.ts";
import { createVerifiedKeys } from "./keys/verified-keys.ts";
import { createDedupWindow } from "./limits/dedup-window.ts";
import { createLimiter } from "./limits/limiter.ts";
import { createTakeTokens } from "./limits/take-tokens.ts";
import { openEventQueue } from "./open-event-queue.ts";

export interface Gateway {
  port: number;
  /** The same, unless the metrics have a port of their own. */
  metricsPort: number;
  /** Not ready, no new connections, what is in hand is finished, then everything is closed. */
  drain(): Promise<void>;
}

/** Publishing must know within its deadline that Redis does not answer. */
const commandTimeoutMs = 800;
/** How old figures of the queues may be when somebody asks. */
const statsMaxAgeMs = 3_000;
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
  const observeRedisTime = (redisTimeMs: number) => (clockSkewMs = Date.now() - redisTimeMs);

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
  const redisMemory = createRedisMemory(redis);
  const registry = createRegistry();
  const metrics = createGatewayMetrics(registry);
  const events = openEventQueue({
    ...{ config, redis, commandTimeoutMs, logger, releasers },
    onRedisTime: observeRedisTime,
  });
  const queue = metrics.observeEnqueues(events.queue);
  const deliveryQueues = createDeliveryQueues(redis, config.REDIS_PREFIX);
  releasers.push("delivery queues", () => deliveryQueues.close());
  const replayQueue = createReplayQueue(redis, config.REDIS_PREFIX);
  releasers.push("replay queue", () => replayQueue.close());
  const testRequests = createTestRequests(redis, config.REDIS_PREFIX);
  releasers.push("test queue", () => testRequests.close());
  const queueStats = createQueueStats(redis, config.REDIS_PREFIX, Date.now);
  releasers.push("queue statistics", () => queueStats.close());
  const readQueueStats = createCachedRead(() => queueStats.read(), statsMaxAgeMs);
  registerQueueGauges(registry, readQueueStats);
  registerInboxGauges(registry, db);

  const hasher = createSecretHasher(config.BCRYPT_COST);
  const keys = metrics.observeKeys(
    createVerifiedKeys({ db, hasher, rateLimitOfTier: rateLimitOfTier(config) }),
  );
  const keyUses = createKeyUses({ db, logger, intervalMs: config.KEY_USE_INTERVAL_MS });
  releasers.push("uses of keys", () => keyUses.stop());
  const limiter = createLimiter({
    takeTokens: createTakeTokens(redis),
    prefix: config.REDIS_PREFIX,
    windowMs: config.RATE_LIMIT_WINDOW_MS,
    onRedisTime: observeRedisTime,
  });
  const publishWakeUps = createWakeUpPublisher(redis, config.REDIS_PREFIX);
  const inboxWaiters = createInboxWaiters({
    subscribe: (listener) =>
      subscribeToWakeUps(
        createPatientRedis(config.REDIS_URL, { name: "triggers-gateway-wake-ups", logger }),
        config.REDIS_PREFIX,
        listener,
      ),
    readPositions: (organizationIds) => readPositions(db, organizationIds),
    checkMs: config.WAKE_UP_CHECK_MS,
    maxPerOrganization: config.MAX_WAITERS_PER_ORG,
  });
  releasers.push("wake-ups", () => inboxWaiters.stop());
  metrics.showWaitingReaders(() => inboxWaiters.counts());
  const readiness = createReadiness({
    isRedisUp: () => redis.status === "ready" && events.isUp(),
    isPostgresUp: () => postgres.isUp(),
    isSchemaCurrent: () => isSchemaCurrent,
    isDraining: () => isDraining,
    clockSkewMs: () => clockSkewMs,
    redisFaults: () => events.redisWatch.faults(),
    redisWarnings: () => events.redisWatch.warnings(),
  });
  const app = createApp({
    db,
    queue,
    deliveryQueues,
    replayQueue,
    testRequests,
    logger,
    hasher,
    limiter,
    version,
    admit: createAdmit({
      keys,
      keyUses,
      limiter,
      windowMs: config.RATE_LIMIT_WINDOW_MS,
      deadlineMs: config.PUBLISH_DEADLINE_MS,
    }),
    queueDepth: createQueueDepth({
      readDepth: () => queue.depth(),
      usedMemoryShare: () => redisMemory.usedShare(),
      maxDepth: config.MAX_QUEUE_DEPTH,
      backlogFrom: config.FAIR_SHARE_BACKLOG,
    }),
    fairShares: createFairShares(),
    dedupWindow: createDedupWindow({
      redis,
      prefix: config.REDIS_PREFIX,
      windowMs: config.DEDUP_WINDOW_SECONDS * 1_000,
      maxKeys: config.MAX_DEDUP_KEYS_PER_ORG,
    }),
    now: Date.now,
    keys,
    keyLookups: metrics.keyLookups,
    observeRequests: metrics.observeRequests,
    waitForEvents: (organizationId, options) => inboxWaiters.waitForEvents(organizationId, options),
    maxLeases: config.MAX_LEASES,
    readQueueStats,
    inboxWaiters,
    draining: inboxWaiters.draining,
    shareRead: createSharedReads(),
    stillAdmits: createStillAdmits({ keys, redis, prefix: config.REDIS_PREFIX }),
    streamHeartbeatMs: config.STREAM_HEARTBEAT_MS,
    maxQueueDepth: config.MAX_QUEUE_DEPTH,
    metrics: config.METRICS_PORT === undefined ? registry : undefined,
    drained: drained.signal,
    rateLimitWindowMs: config.RATE_LIMIT_WINDOW_MS,
    dedupWindowMs: config.DEDUP_WINDOW_SECONDS * 1_000,
    publishWakeUps,
    raiseEpoch: createRaiseEpoch(redis, config.REDIS_PREFIX, publishWakeUps),
    rateLimitOfTier: rateLimitOfTier(config),
    signup: config.SIGNUP,
    adminToken: config.ADMIN_TOKEN,
    signupLimitPerMinute: config.SIGNUP_LIMIT_PER_MINUTE,
    secretBox: createSecretBox(parseSecretKeys(config.SECRET_KEYS)),
    addressRule: createAddressRule({ allowedCidrs: listOf(config.WEBHOOK_ALLOWED_CIDRS) }),
    webhookHttpsOnly: config.WEBHOOK_HTTPS_ONLY,
    corsAllowedOrigins: listOf(config.CORS_ALLOWED_ORIGINS),
    trustProxy: trustProxyOf(config.TRUST_PROXY),
    slowRequestMs: config.SLOW_REQUEST_MS,
    readiness,
    requireSafety: () => readiness.requireSafety(),
  });

  const times = {
    headersTimeoutMs: config.HEADERS_TIMEOUT_MS,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    noticeMs: config.DRAIN_NOTICE_MS,
  };
  const server = createDrainableServer(app, times, createExpressMessages(app));
  const port = await server.listen(config.PORT, config.HOST);
  const metricsServer =
    config.METRICS_PORT === undefined
      ? undefined
      : await startMetricsServer(config.METRICS_PORT, config.HOST, registry);
  if (metricsServer) releasers.push("metrics", () => metricsServer.close());
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
  logger.info("listening", { host: config.HOST, port, metricsPort: metricsServer?.port ?? port });

  return {
    port,
    metricsPort: metricsServer?.port ?? port,
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

function trustProxyOf(setting: string | undefined): string | number | undefined {
  return setting !== undefined && /^\d+$/.test(setting) ? Number(setting) : setting;
}
