import { createSecretBox, parseSecretKeys } from "@triggers/domain";
import { createAddressRule } from "@triggers/egress";
import { listOf } from "@triggers/runtime";
import { type GatewayConfig, rateLimitOfTier } from "./config.ts";

/** What the routes need of the configuration, in their own words. */
export function appSettingsOf(config: GatewayConfig) {
  return {
    maxLeases: config.MAX_LEASES,
    streamHeartbeatMs: config.STREAM_HEARTBEAT_MS,
    maxQueueDepth: config.MAX_QUEUE_DEPTH,
    rateLimitWindowMs: config.RATE_LIMIT_WINDOW_MS,
    dedupWindowMs: config.DEDUP_WINDOW_SECONDS * 1_000,
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
  };
}

function trustProxyOf(setting: string | undefined): string | number | undefined {
  return setting !== undefined && /^\d+$/.test(setting) ? Number(setting) : setting;
}
