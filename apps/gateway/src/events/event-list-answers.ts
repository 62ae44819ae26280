import { deliveryStatuses, eventStatuses, inboxStatuses } from "@triggers/domain";
import Joi from "joi";

const text = Joi.string();
const time = Joi.string().isoDate();

/** One event of a list; fields that stand twice are kept for clients of old. */
export const eventListItem = Joi.object({
  id: text.guid().required(),
  event_id: text.guid().required(),
  type: text.required(),
  event_type: text.required(),
  payload: Joi.any().required().description("as it was sent; null when it was erased"),
  dedup_id: text.allow(null).required(),
  subscriber: text.allow(null).required(),
  metadata: Joi.object().pattern(text, text.allow("")).allow(null).required(),
  status: text.valid(...eventStatuses.filter((status) => status !== "accepted")).required(),
  inbox_status: text.valid(...inboxStatuses).required(),
  delivery_status: text.valid(...deliveryStatuses).required(),
  attempts: Joi.number().integer().min(0).required(),
  response_status: Joi.number().integer().allow(null).required(),
  last_error: text.allow(null).required(),
  occurred_at: time.allow(null).required(),
  created_at: time.required(),
  updated_at: time.required(),
  erased_at: time.description("only when the event was erased"),
});

export const eventListAnswer = Joi.object({
  events: Joi.array().items(eventListItem).required(),
  has_more: Joi.boolean().required(),
  next_cursor: text.allow(null).required().description("null on the last page"),
  end_cursor: text.required(),
});
