import { parseSecretKeys } from "@triggers/domain";
import { createAddressRule } from "@triggers/egress";
import {
  type ConnectionConfig,
  connectionSettings,
  listOf,
  type LogLevel,
  usableBy,
} from "@triggers/runtime";
import Joi from "joi";

export interface WorkerConfig extends ConnectionConfig {
  HOST: string;
  WORKER_PORT: number;
  METRICS_PORT?: number;
  SECRET_KEYS: string;
  PERSIST_CONCURRENCY: number;
  DELIVERY_CONCURRENCY: number;
  RETRY_CONCURRENCY: number;
  CLAIM_MS: number;
  RETRY_HORIZON_MS: number;
  ENDPOINT_FAILING_DISABLE_SECONDS: number;
  BREAKER_FAILURES: number;
  BREAKER_TIMEOUTS: number;
  BREAKER_OPEN_MS: number;
  BREAKER_MAX_OPEN_MS: number;
  SWEEP_INTERVAL_MS: number;
  RETENTION_DAYS: number;
  RETENTION_INTERVAL_MS: number;
  JOB_LOCK_MS: number;
  STALLED_CHECK_MS: number;
  DISABLE_WEBHOOK_DELIVERY: boolean;
  WEBHOOK_ALLOWED_CIDRS: string;
  DRAIN_POST_LIMIT_MS: number;
  DRAIN_LIMIT_MS: number;
  LOG_LEVEL: LogLevel;
}

const milliseconds = Joi.number().integer().min(50);
const concurrency = Joi.number().integer().min(1).max(10_000);

const parseCidrs = (text: string) => createAddressRule({ allowedCidrs: listOf(text) });

export const workerConfigSchema = Joi.object<WorkerConfig>({
  HOST: Joi.string().default("0.0.0.0"),
  WORKER_PORT: Joi.number().port().default(3001),
  METRICS_PORT: Joi.number().port(),
  ...connectionSettings,
  SECRET_KEYS: Joi.string()
    .custom(usableBy(parseSecretKeys, "must be base64 of 32 bytes each, separated by commas"))
    .required(),
  PERSIST_CONCURRENCY: concurrency.default(1_000),
  DELIVERY_CONCURRENCY: concurrency.default(200),
  RETRY_CONCURRENCY: concurrency.default(100),
  CLAIM_MS: milliseconds.default(10_000),
  RETRY_HORIZON_MS: milliseconds.default(60_000),
  ENDPOINT_FAILING_DISABLE_SECONDS: Joi.number().integer().min(1).default(432_000),
  BREAKER_FAILURES: Joi.number().integer().min(1).default(100),
  BREAKER_TIMEOUTS: Joi.number().integer().min(1).default(5),
  BREAKER_OPEN_MS: milliseconds.default(5_000),
  BREAKER_MAX_OPEN_MS: milliseconds.default(60_000),
  SWEEP_INTERVAL_MS: milliseconds.default(30_000),
  RETENTION_DAYS: Joi.number().integer().min(7).default(30),
  RETENTION_INTERVAL_MS: milliseconds.default(3_600_000),
  JOB_LOCK_MS: milliseconds.default(6_000),
  STALLED_CHECK_MS: milliseconds.default(2_000),
  DISABLE_WEBHOOK_DELIVERY: Joi.boolean().default(false),
  WEBHOOK_ALLOWED_CIDRS: Joi.string()
    .custom(usableBy(parseCidrs, "must be networks such as 10.0.0.0/8, separated by commas"))
    .default(""),
  DRAIN_POST_LIMIT_MS: milliseconds.default(25_000),
  DRAIN_LIMIT_MS: milliseconds.default(40_000),
  LOG_LEVEL: Joi.string().valid("error", "warn", "info", "debug").default("info"),
});
