import Joi from "joi";
import { answerSchema, component, timestamp, uuid } from "../http/answer-schema.ts";
import { pageAnswerKeys } from "../http/list-page.ts";

const text = Joi.string();
const integer = Joi.number().integer();

const endpointFields = {
  id: uuid,
  url: text,
  name: text.allow(null),
  description: text.allow(null),
  subscriber: text.allow(null),
  metadata: Joi.object().pattern(Joi.string(), Joi.string().allow("")).allow(null),
  event_types: Joi.array().items(text).allow(null).description("Null means every type."),
  header_names: Joi.array().items(text).description("Of the custom headers; their values are never shown."),
  enabled: Joi.boolean(),
  disabled_reason: text
    .allow(null)
    .description("`manual`, `gone` (it answered 410) or why else it was disabled."),
  disabled_at: timestamp.allow(null),
  failing_since: timestamp.allow(null).description("Since when no attempt has succeeded."),
  timeout_ms: integer,
  rate_limit_per_second: integer.allow(null),
  max_in_flight: integer,
  retry_schedule: Joi.array()
    .items(integer)
    .allow(null)
    .description("Seconds before each attempt; null means the default schedule."),
  format: text.valid("standard", "cloudevents"),
  created_at: timestamp,
  updated_at: timestamp,
};

export const signingSecret = text
  .description("Verifies what the endpoint receives.")
  .example("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");

export const endpointAnswer = answerSchema(endpointFields).meta(component("Endpoint"));

export const enabledAnswer = answerSchema({
  ...endpointFields,
  replay_id: uuid.optional().description("Of the replay, where one was asked for."),
}).meta(component("EnabledEndpoint"));

export const createdEndpointAnswer = answerSchema({
  ...endpointFields,
  signing_secret: signingSecret,
}).meta(component("CreatedEndpoint"));

export const endpointListAnswer = Joi.object({
  endpoints: Joi.array().items(endpointAnswer).required(),
  ...pageAnswerKeys,
});
