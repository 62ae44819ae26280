import type { InboxSelection } from "@triggers/db";
import Joi from "joi";
import { type PageQuery, pageQueryFields } from "../events/event-page.ts";
import { old } from "../http/answer-schema.ts";
import { storableText } from "../http/storable-text.ts";
import { uuidText } from "../http/uuid-text.ts";

export interface InboxListQuery extends PageQuery {
  status: InboxSelection;
  event_type?: string;
  subscriber?: string;
  offset: number;
}

/** `offset` is for clients of old: a cursor misses nothing. */
export const inboxListSchema = Joi.object<InboxListQuery>({
  status: Joi.string()
    .valid("undelivered", "pending", "retrying", "delivered", "failed", "acknowledged", "quarantined", "all")
    .default("undelivered")
    .description("`undelivered`: neither acknowledged, quarantined nor delivered."),
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
  ...pageQueryFields,
});

export interface BatchAckBody {
  event_ids?: string[];
  lease_id?: string;
}

export const eventIds = Joi.array().items(uuidText).min(1).max(1_000);

export const batchAckSchema = Joi.object<BatchAckBody>({
  event_ids: eventIds.description(
    "Of any events; beside `lease_id` only those of the lease, all when left out.",
  ),
  lease_id: uuidText.description("Acknowledges only what nobody else has leased since."),
}).or("event_ids", "lease_id");
