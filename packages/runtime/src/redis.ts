import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "./logger.ts";
import { createThrottledLog } from "./throttled-log.ts";

/** Reconnects for ever, at most 600 ms apart: the client's own default of seconds would outlast the outage. */
export function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), 500) + Math.random() * 100;
}

const always: RedisOptions = {
  connectTimeout: 2_000,
  retryStrategy: reconnectDelayMs,
  // After a failover the old master answers READONLY until the connection is made anew.
  reconnectOnError: (error) => error.message.startsWith("READONLY"),
};

/** A client for requests: it fails within `commandTimeoutMs` rather than wait for Redis to come back. */
export function createFailFastRedis(
  url: string,
  options: { name: string; commandTimeoutMs: number; logger: Logger },
): Redis {
  return withErrorLog(
    new Redis(url, {
      ...always,
      connectionName: options.name,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: options.commandTimeoutMs,
    }),
    options.logger,
  );
}

/** A client for consumers: its blocking commands wait for Redis for ever, as BullMQ's workers need it. */
export function createPatientRedis(url: string, options: { name: string; logger: Logger }): Redis {
  return withErrorLog(
    new Redis(url, { ...always, connectionName: options.name, maxRetriesPerRequest: null }),
    options.logger,
  );
}

function withErrorLog(client: Redis, logger: Logger): Redis {
  const logError = createThrottledLog(logger, "warn", "redis connection failed");
  client.on("error", (error: Error) => logError({ error: error.message }));
  client.on("ready", () => logger.info("redis connected"));
  return client;
}
