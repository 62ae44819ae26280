import Joi from "joi";
import { answerSchema } from "../http/answer-schema.ts";
import { eventAnswer } from "./event-answers.ts";

export const eventListAnswer = answerSchema({
  events: Joi.array().items(eventAnswer),
  has_more: Joi.boolean(),
  next_cursor: Joi.string().allow(null).description("Null on the last page."),
  end_cursor: Joi.string().description("Always there: goes on behind this answer, also later."),
});
