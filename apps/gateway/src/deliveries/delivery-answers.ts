import { singleDeliveryStatuses } from "@triggers/domain";
import Joi from "joi";
import { answerSchema, component, timestamp, uuid } from "../http/answer-schema.ts";
import { pageAnswerKeys } from "../http/list-page.ts";

const text = Joi.string();
const count = Joi.number().integer().min(0);
const errorCode = text.allow(null).description("Why the last attempt was no success.");

export const httpStatus = Joi.number().integer().allow(null).description("What the receiver answered.");

export const attemptAnswer = answerSchema({
  number: count.description("From 1; manual ones count too."),
  trigger: text.valid("schedule", "manual", "replay", "test"),
  started_at: timestamp,
  duration_ms: Joi.number(),
  response_status: httpStatus,
  error_code: errorCode,
  error_detail: text.allow(null),
  response_headers: Joi.object().pattern(Joi.string(), Joi.string().allow("")).allow(null),
  response_body: text.allow("", null).description("The first 16 KiB."),
}).meta(component("Attempt"));

const deliveryFields = {
  id: uuid,
  event_id: uuid,
  endpoint_id: uuid,
  status: text.valid(...singleDeliveryStatuses),
  attempt_count: count.description("How many attempts were made, manual ones too."),
  next_attempt_at: timestamp.allow(null).description("Null when no attempt is due any more."),
  response_status: httpStatus,
  error_code: errorCode,
  created_at: timestamp,
  updated_at: timestamp,
};
const eventsFields = {
  event_type: text,
  subscriber: text.allow(null).description("Whose event it is."),
};
const attempts = Joi.array().items(attemptAnswer).description("Oldest first.");

/** As a part of its event. */
export const eventDeliveryAnswer = answerSchema({ ...deliveryFields, attempts }).meta(
  component("DeliveryWithAttempts"),
);

export const deliveryHistoryAnswer = answerSchema({ ...deliveryFields, ...eventsFields, attempts }).meta(
  component("DeliveryHistory"),
);

export const deliveryListAnswer = answerSchema({
  deliveries: Joi.array().items(
    answerSchema({ ...deliveryFields, ...eventsFields }).meta(component("Delivery")),
  ),
  ...pageAnswerKeys,
});

export const retryRequestedAnswer = answerSchema({
  id: uuid,
  event_id: uuid,
  endpoint_id: uuid,
  status: text
    .valid(...singleDeliveryStatuses)
    .description("As it is until the attempt has ended: only a success changes it."),
  message: text,
});
