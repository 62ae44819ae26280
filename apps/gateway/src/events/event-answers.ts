import { deliveryStatuses, eventStatuses, inboxStatuses } from "@triggers/domain";
import Joi from "joi";
import { eventDeliveryAnswer, httpStatus } from "../deliveries/delivery-answers.ts";
import { answerSchema, component, old, timestamp, uuid } from "../http/answer-schema.ts";

const text = Joi.string();
const count = Joi.number().integer().min(0);

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

export const eventHistoryAnswer = answerSchema({
  ...eventFields,
  deliveries: Joi.array().items(eventDeliveryAnswer),
}).meta(component("EventWithDeliveries"));
