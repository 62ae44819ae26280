import Joi from "joi";
import { eventAnswer, eventFields } from "../events/event-answers.ts";
import { answerSchema, component, old, timestamp, uuid } from "../http/answer-schema.ts";

const count = Joi.number().integer().min(0);

export const inboxAnswer = answerSchema({
  events: Joi.array().items(eventAnswer),
  count: count.description("How many events this answer holds."),
  has_more: Joi.boolean(),
  next_cursor: Joi.string().allow(null).description("Null on the last page."),
  end_cursor: Joi.string().description("Always there: goes on behind this answer, also later."),
});

export const acknowledgedAnswer = answerSchema({
  id: eventFields.id,
  event_id: eventFields.event_id,
  status: Joi.string().valid("acknowledged"),
  acknowledged_at: timestamp.description("The first time."),
  success: Joi.boolean().valid(true).meta(old).description("The status code says it."),
  message: Joi.string().description("For people; not for programs."),
}).meta(component("AcknowledgedEvent"));

export const batchAckAnswer = answerSchema({
  acknowledged: count,
  failed: count,
  results: Joi.array()
    .items(
      answerSchema({
        event_id: uuid,
        status: Joi.string().valid("acknowledged", "failed"),
        acknowledged_at: timestamp.optional(),
        code: Joi.string().optional().description("The error code, where it failed."),
        detail: Joi.string().optional(),
      }),
    )
    .description("One per id, in order."),
});
