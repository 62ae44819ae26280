import { Cluster, Redis, type RedisOptions } from "ioredis";
import { coalesceWrites } from "./coalesce-writes.ts";
import type { Logger } from "./logger.ts";
import type { RedisClient } from "./redis-client.ts";
import { parseRedisUrl } from "./redis-url.ts";
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
): RedisClient {
  const client = connect(url, {
    connectionName: options.name,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: options.commandTimeoutMs,
  });
  return withErrorLog(client, options.logger);
}

/** A client for consumers: its blocking commands wait for Redis for ever, as BullMQ's workers need it. */
export function createPatientRedis(url: string, options: { name: string; logger: Logger }): RedisClient {
  const client = connect(url, { connectionName: options.name, maxRetriesPerRequest: null });
  return withErrorLog(client, options.logger);
}

function connect(url: string, own: RedisOptions): RedisClient {
  const address = parseRedisUrl(url);
  if (address.form === "single") return coalesced(new Redis(address.url, { ...always, ...own }));
  const options: RedisOptions = { ...always, ...own, ...address.credentials };
  if (address.isTls) options.tls = {};
  if (address.form === "cluster") return connectToCluster(address.nodes, options);
  const { username, password } = address.sentinelCredentials;
  return coalesced(
    new Redis({
      ...options,
      sentinels: address.sentinels,
      name: address.masterName,
      db: address.db,
      ...(username === undefined ? {} : { sentinelUsername: username }),
      ...(password === undefined ? {} : { sentinelPassword: password }),
      ...(address.isTls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
      sentinelRetryStrategy: reconnectDelayMs,
      // Not `failoverDetector`: when it hears of a failover while the master is being looked up, the client ends for good.
    }),
  );
}

function connectToCluster(nodes: { host: string; port: number }[], options: RedisOptions): Cluster {
  const { enableOfflineQueue = true, ...redisOptions } = options;
  const cluster = new Cluster(nodes, {
    redisOptions,
    enableOfflineQueue,
    clusterRetryStrategy: reconnectDelayMs,
    slotsRefreshTimeout: 2_000,
    // While a master is away each try costs 100 ms: whoever must fail fast tries for half a second.
    maxRedirections: enableOfflineQueue ? 16 : 5,
    // Nodes that speak TLS are named by what their certificates say, not by addresses.
    ...(options.tls ? { dnsLookup: (name, done) => done(null, name) } : {}),
  });
  cluster.on("+node", coalesceWrites);
  return cluster;
}

function coalesced(client: Redis): Redis {
  coalesceWrites(client);
  return client;
}

function withErrorLog<Client extends RedisClient>(client: Client, logger: Logger): Client {
  const logError = createThrottledLog(logger, "warn", "redis connection failed");
  client.on("error", (error: Error) => logError({ error: error.message }));
  // One of a Cluster's.
  client.on("node error", (error: Error, node: string) => logError({ error: error.message, node }));
  client.on("ready", () => logger.info("redis connected"));
  return client;
}
