import type { Database } from "@triggers/db";
import type { Logger, Releasers } from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import { type GatewayConfig, rateLimitOfTier } from "./config.ts";
import type { GatewayMetrics } from "./gateway-metrics.ts";
import { createAdmit } from "./keys/admission.ts";
import { createKeyUses } from "./keys/key-uses.ts";
import { createSecretHasher } from "./keys/secret-hasher.ts";
import { createStillAdmits } from "./keys/still-admits.ts";
import { createVerifiedKeys } from "./keys/verified-keys.ts";
import { createLimiter } from "./limits/limiter.ts";
import { createTakeTokens } from "./limits/take-tokens.ts";

/** Who may do what and how often: keys, their uses, the shared limit, and the decision over each request. */
export function openKeys(options: {
  config: GatewayConfig;
  db: Database;
  redis: RedisClient;
  metrics: GatewayMetrics;
  onRedisTime: (redisTimeMs: number) => void;
  logger: Logger;
  releasers: Releasers;
}) {
  const { config, db, redis, metrics, onRedisTime, logger, releasers } = options;
  const windowMs = config.RATE_LIMIT_WINDOW_MS;
  const hasher = createSecretHasher(config.BCRYPT_COST);
  const keys = metrics.observeKeys(
    createVerifiedKeys({ db, hasher, rateLimitOfTier: rateLimitOfTier(config) }),
  );
  const keyUses = createKeyUses({ db, logger, intervalMs: config.KEY_USE_INTERVAL_MS });
  releasers.push("uses of keys", () => keyUses.stop());
  const takeTokens = createTakeTokens(redis);
  const limiter = createLimiter({ takeTokens, prefix: config.REDIS_PREFIX, windowMs, onRedisTime });
  return {
    hasher,
    keys,
    limiter,
    admit: createAdmit({ keys, keyUses, limiter, windowMs, deadlineMs: config.PUBLISH_DEADLINE_MS }),
    stillAdmits: createStillAdmits({ keys, redis, prefix: config.REDIS_PREFIX }),
  };
}
