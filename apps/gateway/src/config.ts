import { defaultRateLimits, parseSecretKeys, type Tier } from "@triggers/domain";
import { createAddressRule } from "@triggers/egress";
import {
  type ConnectionConfig,
  connectionSettings,
  listOf,
  type LogLevel,
  usableBy,
} from "@triggers/runtime";
import Joi from "joi";

export interface GatewayConfig extends ConnectionConfig {
  HOST: string;
  PORT: number;
  METRICS_PORT?: number;
  SECRET_KEYS: string;
  ADMIN_TOKEN?: string;
  SIGNUP: "open" | "admin";
  SIGNUP_LIMIT_PER_MINUTE: number;
  RATE_LIMIT_FREE: number;
  RATE_LIMIT_PRO: number;
  RATE_LIMIT_BUSINESS: number;
  RATE_LIMIT_ENTERPRISE: number;
  RATE_LIMIT_WINDOW_MS: number;
  BCRYPT_COST: number;
  KEY_USE_INTERVAL_MS: number;
  DEDUP_WINDOW_SECONDS: number;
  MAX_QUEUE_DEPTH: number;
  FAIR_SHARE_BACKLOG: number;
  MAX_DEDUP_KEYS_PER_ORG: number;
  PUBLISH_DEADLINE_MS: number;
  MAX_WAITERS_PER_ORG: number;
  STREAM_HEARTBEAT_MS: number;
  WAKE_UP_CHECK_MS: number;
  MAX_LEASES: number;
  REPLICA_WAIT_MS: number;
  WEBHOOK_ALLOWED_CIDRS: string;
  WEBHOOK_HTTPS_ONLY: boolean;
  CORS_ALLOWED_ORIGINS: string;
  TRUST_PROXY?: string;
  SLOW_REQUEST_MS: number;
  HEADERS_TIMEOUT_MS: number;
  REQUEST_TIMEOUT_MS: number;
  DRAIN_NOTICE_MS: number;
  DRAIN_LIMIT_MS: number;
  LOG_LEVEL: LogLevel;
}

const perMinute = Joi.number().integer().min(1);

const parseCidrs = (text: string) => createAddressRule({ allowedCidrs: listOf(text) });

export const gatewayConfigSchema = Joi.object<GatewayConfig>({
  HOST: Joi.string().default("0.0.0.0"),
  PORT: Joi.number().port().default(3000),
  METRICS_PORT: Joi.number().port(),
  ...connectionSettings,
  SECRET_KEYS: Joi.string()
    .custom(usableBy(parseSecretKeys, "must be base64 of 32 bytes each, separated by commas"))
    .required(),
  ADMIN_TOKEN: Joi.string().min(16),
  SIGNUP: Joi.string().valid("open", "admin").default("admin"),
  SIGNUP_LIMIT_PER_MINUTE: perMinute.default(10),
  RATE_LIMIT_FREE: perMinute.default(defaultRateLimits.free),
  RATE_LIMIT_PRO: perMinute.default(defaultRateLimits.pro),
  RATE_LIMIT_BUSINESS: perMinute.default(defaultRateLimits.business),
  RATE_LIMIT_ENTERPRISE: perMinute.default(defaultRateLimits.enterprise),
  RATE_LIMIT_WINDOW_MS: Joi.number().integer().min(100).default(60_000),
  BCRYPT_COST: Joi.number().integer().min(4).max(15).default(10),
  KEY_USE_INTERVAL_MS: Joi.number().integer().min(10).default(60_000),
  DEDUP_WINDOW_SECONDS: Joi.number().integer().min(60).default(86_400),
  MAX_QUEUE_DEPTH: Joi.number().integer().min(1).default(1_000_000),
  FAIR_SHARE_BACKLOG: Joi.number().integer().min(0).default(1_000),
  MAX_DEDUP_KEYS_PER_ORG: Joi.number().integer().min(1).default(5_000_000),
  PUBLISH_DEADLINE_MS: Joi.number().integer().min(50).max(950).default(800),
  MAX_WAITERS_PER_ORG: Joi.number().integer().min(1).default(1_000),
  STREAM_HEARTBEAT_MS: Joi.number().integer().min(50).default(15_000),
  WAKE_UP_CHECK_MS: Joi.number().integer().min(50).default(5_000),
  MAX_LEASES: Joi.number().integer().min(1).max(1_000).default(5),
  REPLICA_WAIT_MS: Joi.number().integer().min(10).max(700).default(400),
  WEBHOOK_ALLOWED_CIDRS: Joi.string()
    .custom(usableBy(parseCidrs, "must be networks such as 10.0.0.0/8, separated by commas"))
    .default(""),
  WEBHOOK_HTTPS_ONLY: Joi.boolean().default(false),
  CORS_ALLOWED_ORIGINS: Joi.string().default(""),
  TRUST_PROXY: Joi.string(),
  SLOW_REQUEST_MS: Joi.number().integer().min(1).default(100),
  HEADERS_TIMEOUT_MS: Joi.number().integer().min(50).default(10_000),
  REQUEST_TIMEOUT_MS: Joi.number().integer().min(50).default(30_000),
  DRAIN_NOTICE_MS: Joi.number().integer().min(0).default(1_000),
  DRAIN_LIMIT_MS: Joi.number().integer().min(100).default(40_000),
  LOG_LEVEL: Joi.string().valid("error", "warn", "info", "debug").default("info"),
});

export function rateLimitOfTier(config: GatewayConfig): Record<Tier, number> {
  return {
    free: config.RATE_LIMIT_FREE,
    pro: config.RATE_LIMIT_PRO,
    business: config.RATE_LIMIT_BUSINESS,
    enterprise: config.RATE_LIMIT_ENTERPRISE,
  };
}
