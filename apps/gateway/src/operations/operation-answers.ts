import { queueNames } from "@triggers/domain";
import Joi from "joi";

const count = Joi.number().integer().min(0).required();

const queue = {
  name: Joi.string()
    .valid(...Object.values(queueNames))
    .required(),
  waiting: count,
  prioritized: count,
  active: count,
  delayed: count,
  failed: count,
  depth: count,
  oldest_waiting_seconds: Joi.number().min(0).allow(null).required(),
};

export const queueStatsAnswer = Joi.object({ ...queue, max_depth: count });

export const queuesAnswer = Joi.object({ queues: Joi.array().items(Joi.object(queue)).required() });

export const cacheStatsAnswer = Joi.object({
  keys: Joi.object({
    verified: count,
    refused: count,
    hits: count,
    misses: count,
    refusals: count,
  }).required(),
});
