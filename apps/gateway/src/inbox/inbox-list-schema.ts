import type { InboxSelection } from "@triggers/db";
import Joi from "joi";
import { type PageQuery, pageQueryFields } from "../events/event-page.ts";
import { old } from "../http/answer-schema.ts";
import { storableText } from "../http/storable-text.ts";

export interface InboxListQuery extends PageQuery {
  status: InboxSelection;
  event_type?: string;
  subscriber?: string;
  offset: number;
  wait_seconds?: number;
  wait?: number;
}

const seconds = Joi.number().integer().min(0).max(20);

/** `offset` and `wait` are for clients of old. */
export const inboxListSchema = Joi.object<InboxListQuery>({
  status: Joi.string()
    .valid("undelivered", "pending", "retrying", "delivered", "failed", "acknowledged", "quarantined", "all")
    .default("undelivered")
    .description(
      "`undelivered`: neither acknowledged, quarantined nor delivered. `retrying`: pending, with a delivery that has " +
        "failed and will be tried again. The others are what an event shows as its `status`.",
    ),
  event_type: storableText(255),
  subscriber: storableText(255),
  offset: Joi.number()
    .integer()
    .min(0)
    .max(10_000)
    .default(0)
    .meta(old)
    .description("Skips this many events. Use `cursor`, which misses nothing."),
  order: Joi.string()
    .valid("asc", "desc")
    .default("asc")
    .description("`asc`: in the order of persistence, oldest first."),
  // No default: sent together with its old name it is a fault.
  wait_seconds: seconds.description(
    "Where there is no event yet, waits so long for one; an empty page comes after it. Without it the answer comes at once.",
  ),
  wait: seconds.meta(old).description("The old name of `wait_seconds`."),
  ...pageQueryFields,
}).oxor("wait_seconds", "wait");
