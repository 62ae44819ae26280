import Joi from "joi";
import { answerSchema, component, timestamp, uuid } from "../http/answer-schema.ts";
import { pageAnswerKeys } from "../http/list-page.ts";

const count = Joi.number().integer().min(0);

export const replayAnswer = answerSchema({
  replay_id: uuid,
  endpoint_id: uuid.allow(null).description("Null: all endpoints."),
  status: Joi.string().valid("running", "completed", "cancelled"),
  since: timestamp.allow(null).description("Null: from the oldest on."),
  until: timestamp.allow(null).description("Null: up to the replay's own beginning."),
  event_types: Joi.array().items(Joi.string()).allow(null),
  only: Joi.string().valid("failed", "missing", "skipped", "all"),
  matched: count.description("Deliveries that the selection has met so far."),
  enqueued: count.description("Those of them whose schedule was started anew."),
  skipped: count.description(
    "Those that were left alone: their schedule still runs, or an attempt is under way.",
  ),
  created_at: timestamp,
  finished_at: timestamp.allow(null),
}).meta(component("Replay"));

export const replayListAnswer = answerSchema({
  replays: Joi.array().items(replayAnswer),
  ...pageAnswerKeys,
});
