import { scopes, tiers } from "@triggers/domain";
import Joi from "joi";

const apiKey = Joi.string().required().description("Shown only once.");
const keyId = Joi.string().required().description("The visible part of the key.");
const organizationId = Joi.string().uuid().required();
const tier = Joi.string()
  .valid(...tiers)
  .required();
const rateLimit = Joi.number().integer().required().description("Events per minute.");
const scopeList = Joi.array()
  .items(Joi.string().valid(...scopes))
  .required();
const time = Joi.date().iso().required();
const message = Joi.string().required();
const name = Joi.string().allow(null).required();

export const generatedKeyAnswer = Joi.object({
  api_key: apiKey,
  key_id: keyId,
  organization_id: organizationId,
  organization_name: Joi.string().required(),
  tier,
  rate_limit_per_minute: rateLimit,
  scopes: scopeList,
  created_at: time,
  message,
});

export const createdKeyAnswer = Joi.object({
  api_key: apiKey,
  key_id: keyId,
  organization_id: organizationId,
  name,
  scopes: scopeList,
  created_at: time,
  expires_at: time.allow(null),
  message,
});

export const rotatedKeyAnswer = Joi.object({
  api_key: apiKey,
  key_id: keyId,
  organization_id: organizationId,
  rotated_at: time,
  previous_key_expires_at: time,
  message,
});

export const keyListAnswer = Joi.object({
  organization_id: organizationId,
  organization_name: Joi.string().required(),
  tier,
  rate_limit_per_minute: rateLimit,
  webhook_url: Joi.string().uri().allow(null).required(),
  created_at: time,
  updated_at: time,
  keys: Joi.array()
    .items(
      Joi.object({
        key_id: keyId,
        name,
        scopes: scopeList,
        created_at: time,
        last_used_at: time.allow(null).description("Written at most once a minute."),
        expires_at: time.allow(null),
      }),
    )
    .required(),
});
