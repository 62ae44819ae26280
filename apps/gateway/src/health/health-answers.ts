import Joi from "joi";
import { answerSchema } from "../http/answer-schema.ts";

const upOrDown = Joi.string().valid("up", "down");
const dependencies = Joi.array().items(Joi.string().valid("redis", "postgres"));

const health = {
  status: Joi.string().valid("healthy"),
  version: Joi.string(),
  uptime_seconds: Joi.number().integer(),
};

const warnings = Joi.array()
  .items(Joi.string())
  .description("What the operator should know although it does not stand in the way.");

export const healthAnswer = answerSchema({ ...health, warnings: warnings.optional() });

export const detailedHealthAnswer = answerSchema({
  ...health,
  memory_bytes: Joi.number().integer(),
  dependencies: answerSchema({ redis: upOrDown, postgres: upOrDown }),
  warnings,
  blockers: Joi.array().items(Joi.string()).description("Why the process is not ready."),
});

export const liveAnswer = answerSchema({ status: Joi.string().valid("live") });

export const readyAnswer = answerSchema({
  status: Joi.string().valid("ready", "degraded").description("`degraded`: one dependency is away."),
  down: dependencies.optional(),
});

export const notReadyAnswer = answerSchema({
  status: Joi.string().valid("not_ready"),
  reasons: Joi.array().items(Joi.string()),
  down: dependencies,
});

export const welcomeAnswer = answerSchema({
  name: Joi.string(),
  version: Joi.string(),
  links: Joi.object().pattern(Joi.string(), Joi.string()),
});
