export { type Batcher, type BatchLimits, createBatcher } from "./batcher.ts";
export { type ConnectionConfig, connectionSettings } from "./connection-settings.ts";
export { createCachedRead } from "./cached-read.ts";
export {
  ConfigError,
  exitCodeOfBadConfig,
  listOf,
  loadConfig,
  loadConfigOrExit,
  settingNames,
  usableBy,
} from "./load-config.ts";
export { createLogger, type LogFields, type Logger, type LogLevel } from "./logger.ts";
export { Counter, createRegistry, Gauge, Histogram, latencyBuckets, Registry } from "./metrics.ts";
export { type MetricsServer, startMetricsServer } from "./metrics-server.ts";
export { type Durability } from "./redis-safety/judge-durability.ts";
export { createRedisMemory, type RedisMemory } from "./redis-safety/redis-memory.ts";
export { type RedisWatch, watchRedis } from "./redis-safety/watch-redis.ts";
export { connectionOf, mastersOf, type RedisClient, slotOf } from "./redis-client.ts";
export { createFailFastRedis, createPatientRedis, reconnectDelayMs } from "./redis.ts";
export { createSharedReads, type ShareRead } from "./shared-reads.ts";
export { createSharedTimer, type SharedTimer } from "./shared-timer.ts";
export { createReleasers, drainOnSignal, type Releasers } from "./shutdown.ts";
export { createThrottledLog } from "./throttled-log.ts";
