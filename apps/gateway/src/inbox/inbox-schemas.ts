import type { InboxSelection } from "@triggers/db";
import Joi from "joi";
import { isUuid } from "@triggers/domain";
import { inJsonSchema, old } from "../http/answer-schema.ts";
import { storableText } from "../http/storable-text.ts";

export interface InboxListQuery {
  status: InboxSelection;
  event_type?: string;
  subscriber?: string;
  limit: number;
  cursor?: string;
  offset: number;
  order: "asc" | "desc";
  since?: Date;
  until?: Date;
}

/** What the time bits of an event id can hold. */
const time = Joi.date().iso().min("1970-01-01T00:00:00.000Z").max("9999-12-31T23:59:59.999Z");

/** Numbers out of range are refused, never clamped. `offset` is for clients of old: a cursor misses nothing. */
export const inboxListSchema = Joi.object<InboxListQuery>({
  status: Joi.string()
    .valid("undelivered", "pending", "retrying", "delivered", "failed", "acknowledged", "quarantined", "all")
    .default("undelivered")
    .description("`undelivered`: neither acknowledged, quarantined nor delivered."),
  event_type: storableText(255),
  subscriber: storableText(255),
  limit: Joi.number().integer().min(1).max(1_000).default(100),
  cursor: Joi.string()
    .max(64)
    .description("`next_cursor` or `end_cursor` of an earlier answer: goes on behind it."),
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
  since: time.description("Only events that were accepted at or after this time."),
  until: time.description("Only events that were accepted before this time."),
});

export interface BatchAckBody {
  event_ids: string[];
}

export const batchAckSchema = Joi.object<BatchAckBody>({
  event_ids: Joi.array()
    .items(
      Joi.string()
        .custom((value: string, helpers) => (isUuid(value) ? value.toLowerCase() : helpers.error("id.uuid")))
        .meta(
          inJsonSchema({ format: "uuid", pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" }),
        )
        .messages({ "id.uuid": "must be a UUID" }),
    )
    .min(1)
    .max(1_000)
    .required(),
});
