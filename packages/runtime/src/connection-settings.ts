import Joi from "joi";
import { usableBy } from "./load-config.ts";
import { parseRedisUrl } from "./redis-url.ts";
import type { Durability } from "./redis-safety/judge-durability.ts";

export interface ConnectionConfig {
  DATABASE_URL: string;
  DATABASE_MAX_CONNECTIONS: number;
  REDIS_URL: string;
  REDIS_PREFIX: string;
  QUEUE_SHARDS: number;
  DURABILITY: Durability;
  REDIS_CHECK_INTERVAL_MS: number;
}

/** How an app finds Postgres and Redis: a part of every app's schema, so that both read it alike. */
export const connectionSettings = {
  DATABASE_URL: Joi.string()
    .uri({ scheme: ["postgres", "postgresql"] })
    .required(),
  DATABASE_MAX_CONNECTIONS: Joi.number().integer().min(1).max(1_000).default(10),
  REDIS_URL: Joi.string()
    .custom(
      usableBy(
        parseRedisUrl,
        "must be redis://host:port, redis+sentinel://host:port,…/master or redis+cluster://host:port,…",
      ),
    )
    .required(),
  REDIS_PREFIX: Joi.string()
    .pattern(/^[A-Za-z0-9_-]+$/)
    .default("triggers"),
  QUEUE_SHARDS: Joi.number().integer().min(1).max(64).default(1),
  DURABILITY: Joi.string().valid("strict", "replicated", "relaxed").default("strict"),
  REDIS_CHECK_INTERVAL_MS: Joi.number().integer().min(50).default(10_000),
};
