import type { InboxSelection } from "@triggers/db";
import Joi from "joi";
import { isUuid } from "@triggers/domain";
import { type PageQuery, pageQueryFields } from "../events/event-page.ts";
import { storableText } from "../http/storable-text.ts";

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
    .default("undelivered"),
  event_type: storableText(255),
  subscriber: storableText(255),
  offset: Joi.number().integer().min(0).max(10_000).default(0),
  order: Joi.string().valid("asc", "desc").default("asc"),
  ...pageQueryFields,
});

export interface BatchAckBody {
  event_ids: string[];
}

export const batchAckSchema = Joi.object<BatchAckBody>({
  event_ids: Joi.array()
    .items(
      Joi.string()
        .custom((value: string, helpers) => (isUuid(value) ? value.toLowerCase() : helpers.error("id.uuid")))
        .messages({ "id.uuid": "must be a UUID" }),
    )
    .min(1)
    .max(1_000)
    .required(),
});
