import Joi from "joi";
import { answerSchema, old, timestamp, uuid } from "../http/answer-schema.ts";

export const savedWebhookAnswer = answerSchema({
  organization_id: uuid,
  endpoint_id: uuid,
  webhook_url: Joi.string(),
  signing_secret: Joi.string()
    .optional()
    .description("Only the first time: verifies what the webhook receives.")
    .example("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
  updated_at: timestamp,
  message: Joi.string().description("For people; not for programs."),
  success: Joi.boolean().valid(true).meta(old).description("The status code says it."),
});

export const webhookAnswer = answerSchema({
  organization_id: uuid,
  endpoint_id: uuid,
  webhook_url: Joi.string(),
  event_types: Joi.array().items(Joi.string()).allow(null).description("Null means every type."),
  timeout_ms: Joi.number().integer(),
  enabled: Joi.boolean(),
  disabled_reason: Joi.string().allow(null),
  disabled_at: timestamp.allow(null),
  created_at: timestamp,
  updated_at: timestamp,
});
