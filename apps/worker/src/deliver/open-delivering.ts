import type { Database } from "@triggers/db";
import { createSecretBox, parseSecretKeys, type SecretBox } from "@triggers/domain";
import { createAddressRule, createGuardedAgents } from "@triggers/egress";
import {
  createDeliveryQueues,
  createShardedDeliveryQueues,
  type DeliveryQueues,
  shardPrefixes,
} from "@triggers/queues";
import {
  createRedisMemory,
  createThrottledLog,
  listOf,
  type Logger,
  type Registry,
  type Releasers,
} from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import type { Announcer } from "../announce/announcer.ts";
import type { WorkerConfig } from "../config.ts";
import type { At } from "../fault-points.ts";
import { registerBreakerGauge } from "../gate/breaker-gauge.ts";
import { createEndpointGate } from "../gate/endpoint-gate.ts";
import { createGateCommands } from "../gate/gate-commands.ts";
import { createShardedGateCommands } from "../gate/sharded-gate-commands.ts";
import { createDeliveryWindow, type DeliveryWindow } from "../window/delivery-window.ts";
import { createShardedWindowCommands } from "../window/sharded-window-commands.ts";
import { createWindowCommands } from "../window/window-commands.ts";
import { testConcurrency } from "../test-send/send-test.ts";
import type { WorkerMetrics } from "../worker-metrics.ts";
import { createDeliveryProcessor, type DeliveryProcessor } from "./deliver.ts";
import { rememberSecrets } from "./remember-secrets.ts";
import { createWebhookSender, type SendWebhook } from "./send-webhook.ts";

/** Beyond it delivery jobs wait in Postgres: Redis' memory is for the events that are not stored yet. */
const maxMemoryShare = 0.7;

export interface DeliveringDeps {
  db: Database;
  redis: RedisClient;
  config: WorkerConfig;
  logger: Logger;
  at: At;
  registry: Registry;
  metrics: WorkerMetrics;
  releasers: Releasers;
  announcer: Announcer;
  drained: AbortSignal;
}

/** All that delivers: queues, windows, gate, connections and the processor of their jobs. */
export function openDelivering(deps: DeliveringDeps): {
  window: DeliveryWindow;
  deliveryQueues: DeliveryQueues;
  send: SendWebhook;
  secretBox: Pick<SecretBox, "open">;
  process: DeliveryProcessor["process"];
} {
  const { db, redis, config, logger, at, registry, metrics, releasers, announcer, drained } = deps;
  const shards = shardPrefixes(config.REDIS_PREFIX, config.QUEUE_SHARDS);
  const deliveryQueues = createShardedDeliveryQueues(
    shards.map((shard) => createDeliveryQueues(redis, shard)),
  );
  releasers.push("delivery queues", () => deliveryQueues.close());
  const agents = createGuardedAgents({
    rule: createAddressRule({ allowedCidrs: listOf(config.WEBHOOK_ALLOWED_CIDRS) }),
    // One for every job that may run: a request that waited for a connection would use up its timeout.
    maxSocketsPerHost: config.DELIVERY_CONCURRENCY + config.RETRY_CONCURRENCY + testConcurrency,
    idleTimeoutMs: 60_000,
  });
  releasers.push("webhook connections", () => agents.destroy());
  const memory = createRedisMemory(redis);
  const window = createDeliveryWindow({
    ...{ db, deliveryQueues, logger, at },
    commands: createShardedWindowCommands(shards.map((shard) => createWindowCommands(redis, shard))),
    isMemoryShort: () => memory.usedShare() > maxMemoryShare,
    horizonMs: config.RETRY_HORIZON_MS,
  });
  releasers.push("delivery windows", () => window.close());
  const rule = {
    failures: config.BREAKER_FAILURES,
    timeouts: config.BREAKER_TIMEOUTS,
    openMs: config.BREAKER_OPEN_MS,
    maxOpenMs: config.BREAKER_MAX_OPEN_MS,
  };
  const commands = createShardedGateCommands(shards.map((shard) => createGateCommands(redis, shard, rule)));
  registerBreakerGauge(registry, () => commands.countOpenBreakers());
  const logGateFailure = createThrottledLog(logger, "warn", "an attempt's end was not noted at its gate");
  const gate = createEndpointGate({
    commands,
    concurrency: { first: config.DELIVERY_CONCURRENCY, retry: config.RETRY_CONCURRENCY },
    onRefused: metrics.observeRefusal,
    onError: (error) => logGateFailure({ error }),
  });
  releasers.push("gate", () => gate.stop());
  const send = createWebhookSender({ agents });
  const secretBox = rememberSecrets(createSecretBox(parseSecretKeys(config.SECRET_KEYS)));
  const processor = createDeliveryProcessor({
    ...{ db, window, gate, logger, at, drained },
    ...{ announcer, send, secretBox },
    observeAttempt: metrics.observeAttempt,
    claimMs: config.CLAIM_MS,
    retryHorizonMs: config.RETRY_HORIZON_MS,
    disableAfterSeconds: config.ENDPOINT_FAILING_DISABLE_SECONDS,
  });
  releasers.push("claims", () => processor.stop());
  return { window, deliveryQueues, send, secretBox, process: processor.process };
}
