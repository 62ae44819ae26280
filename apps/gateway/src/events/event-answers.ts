import { deliveryStatuses, eventStatuses, inboxStatuses, singleDeliveryStatuses } from "@triggers/domain";
import Joi from "joi";
import { answerSchema, component, old, timestamp, uuid } from "../http/answer-schema.ts";

const text = Joi.string();
const count = Joi.number().integer().min(0);
const httpStatus = Joi.number().integer().allow(null).description("What the receiver answered.");
const errorCode = text.allow(null).description("Why the last attempt was no success.");

/** The fields of an event wherever one is shown. */
export const eventFields = {
  id: uuid.description("The same in the 202, the inbox and the webhook."),
  event_id: uuid.meta(old).description("The old name of `id`."),
  type: text,
  event_type: text.meta(old).description("The old name of `type`."),
  payload: Joi.any().description("As it was sent, byte for byte."),
  dedup_id: text.allow(null),
  subscriber: text.allow(null),
  metadata: Joi.object().pattern(Joi.string(), Joi.string().allow("")).allow(null),
  status: text.valid(...eventStatuses).description("The summary of both states."),
  inbox_status: text.valid(...inboxStatuses),
  delivery_status: text.valid(...deliveryStatuses).description("The worst over its deliveries."),
  attempts: count,
  response_status: httpStatus,
  last_error: text.allow(null),
  occurred_at: timestamp.allow(null),
  created_at: timestamp.description("When it was accepted."),
  updated_at: timestamp,
  erased_at: timestamp.optional().description("Only when the event was erased; its payload is null then."),
  cloudevent: Joi.object()
    .unknown()
    .optional()
    .description("The attributes, where the event came as a CloudEvent."),
  data_content_type: text.optional().description("Of the data of a CloudEvent, where it was given."),
};

export const eventAnswer = answerSchema(eventFields).meta(component("Event"));

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

const deliveryAnswer = answerSchema({
  id: uuid,
  event_id: uuid,
  endpoint_id: uuid,
  status: text.valid(...singleDeliveryStatuses),
  next_attempt_at: timestamp.allow(null).description("Null when no attempt is due any more."),
  response_status: httpStatus,
  error_code: errorCode,
  created_at: timestamp,
  updated_at: timestamp,
  attempts: Joi.array().items(attemptAnswer),
}).meta(component("DeliveryWithAttempts"));

export const eventHistoryAnswer = answerSchema({
  ...eventFields,
  deliveries: Joi.array().items(deliveryAnswer),
}).meta(component("EventWithDeliveries"));
