// `npm run shards -- 4`, with REDIS_URL and REDIS_PREFIX as the apps have them, while none of them runs.
import { once } from "node:events";
import { connectionSettings, createFailFastRedis, createLogger, loadConfigOrExit } from "@triggers/runtime";
import Joi from "joi";
import { changeShards } from "./shards/change-shards.ts";

const { REDIS_URL, REDIS_PREFIX, QUEUE_SHARDS } = connectionSettings;
const schema = Joi.object<{ REDIS_URL: string; REDIS_PREFIX: string; QUEUE_SHARDS: number }>({
  ...{ REDIS_URL, REDIS_PREFIX },
  QUEUE_SHARDS: QUEUE_SHARDS.required(),
});
const [count = ""] = process.argv.slice(2);
const config = loadConfigOrExit(schema, { ...process.env, QUEUE_SHARDS: count });
const logger = createLogger({ level: "warn", service: "shards" });
const redis = createFailFastRedis(config.REDIS_URL, {
  name: "triggers-shards",
  commandTimeoutMs: 10_000,
  logger,
});
if (redis.status !== "ready") await once(redis, "ready", { signal: AbortSignal.timeout(10_000) });
const changed = await changeShards(redis, config.REDIS_PREFIX, config.QUEUE_SHARDS);
redis.disconnect();
if (changed.outcome === "not_empty") {
  process.stderr.write(
    `${changed.events} events wait in the queues as they are: let the workers store them first. Nothing was changed.\n`,
  );
  process.exit(1);
}
process.stdout.write(
  `the queues of "${config.REDIS_PREFIX}" have ${config.QUEUE_SHARDS} shards, before ${changed.from}\n`,
);
