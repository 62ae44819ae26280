import { scopes, tiers } from "@triggers/domain";
import Joi from "joi";
import { answerSchema, component, timestamp, uuid } from "../http/answer-schema.ts";

const apiKey = Joi.string()
  .description("The key itself, shown only here: keep it.")
  .example("trg_live_4fQ2…_9aXk…");
const keyId = Joi.string().description("Names the key; no secret.");
const scopeList = Joi.array()
  .items(Joi.string().valid(...scopes))
  .description("What the key may do; `admin` allows everything.");
const tier = Joi.string().valid(...tiers);
const rateLimit = Joi.number()
  .integer()
  .description("Events per minute; other requests have ten times that.");
const message = Joi.string().description("For people; not for programs.");

export const generatedKeyAnswer = answerSchema({
  api_key: apiKey,
  key_id: keyId,
  organization_id: uuid,
  organization_name: Joi.string(),
  tier,
  rate_limit_per_minute: rateLimit,
  scopes: scopeList,
  created_at: timestamp,
  message,
});

export const createdKeyAnswer = answerSchema({
  api_key: apiKey,
  key_id: keyId,
  organization_id: uuid,
  name: Joi.string().allow(null),
  scopes: scopeList,
  created_at: timestamp,
  expires_at: timestamp.allow(null),
  message,
});

export const keyListAnswer = answerSchema({
  organization_id: uuid,
  organization_name: Joi.string(),
  tier,
  rate_limit_per_minute: rateLimit,
  webhook_url: Joi.string().allow(null).description("Where the webhook named `default` goes."),
  created_at: timestamp,
  updated_at: timestamp,
  keys: Joi.array().items(
    answerSchema({
      key_id: keyId,
      name: Joi.string().allow(null),
      scopes: scopeList,
      created_at: timestamp,
      last_used_at: timestamp.allow(null).description("Written at most once a minute."),
      expires_at: timestamp.allow(null),
    }).meta(component("ApiKey")),
  ),
});

export const rotatedKeyAnswer = answerSchema({
  api_key: apiKey,
  key_id: keyId,
  organization_id: uuid,
  rotated_at: timestamp,
  previous_key_expires_at: timestamp.description(
    "When the key that asked stops working, everywhere within 1 s.",
  ),
  message,
});
