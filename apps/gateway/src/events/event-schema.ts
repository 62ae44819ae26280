import { isEventType } from "@triggers/domain";
import Joi from "joi";
import { component, inJsonSchema } from "../http/answer-schema.ts";
import { mapOf } from "../http/map-of.ts";
import { storableText } from "../http/storable-text.ts";

export interface EventBody {
  type: string;
  payload: object;
  dedup_id?: string;
  subscriber?: string;
  metadata?: Record<string, string>;
  occurred_at?: string;
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

export const timestamp = Joi.string()
  .custom((value: string, helpers) =>
    rfc3339.test(value) && !Number.isNaN(Date.parse(value)) ? value : helpers.error("event.time"),
  )
  .meta(inJsonSchema({ format: "date-time", pattern: rfc3339.source }))
  .messages({ "event.time": "must be an RFC 3339 timestamp such as 2026-01-31T12:00:00.000Z" });

/**
 * Without characters that JSON escapes: Node.js 24's JSON.parse can mix up escaped member names between two texts
 * (nodejs/node#63785), and jobs are parsed by it.
 */
const metadataName = storableText(255)
  .pattern(/^[^"\\\x00-\x1f]+$/)
  .messages({ "string.pattern.base": "must not contain a quote, a backslash or a control character" });

export const metadataField = mapOf(metadataName, storableText(1_024).allow(""))
  .max(20)
  .meta(
    inJsonSchema({
      propertyNames: {
        ...{ minLength: 1, maxLength: 255, pattern: '^[^"\\\\\\u0000-\\u001f\\ud800-\\udfff]+$' },
        not: { const: "__proto__" },
      },
    }),
  )
  .messages({ "object.max": "must have at most 20 pairs" });

export const eventSchema = Joi.object<EventBody>({
  type: Joi.string()
    .min(1)
    .max(255)
    .required()
    .custom((value: string, helpers) => (isEventType(value) ? value : helpers.error("event.type")))
    .meta(inJsonSchema({ pattern: "^[A-Za-z0-9_:/-]([A-Za-z0-9._:/-]*[A-Za-z0-9_:/-])?$" }))
    .description("Dotted name of what happened: letters, digits and . _ : / -, no leading or trailing dot.")
    .example("user.created")
    .messages({
      "event.type": "may contain letters, digits and . _ : / - and must not start or end with a dot",
    }),
  payload: Joi.object()
    .required()
    .unknown()
    .description("Kept and delivered as the bytes that were sent: key order, big numbers, escapes.")
    .example({ name: "Ada" }),
  dedup_id: storableText(255).description(
    "Makes a repeated event one: unique per organization for 24 hours, unless configured otherwise.",
  ),
  subscriber: storableText(255).description("Whose event this is: the name of one of your own customers."),
  metadata: metadataField.description(
    "Pairs of text that are kept, shown and found by; never delivered as part of the payload.",
  ),
  occurred_at: timestamp.description("When it happened at the sender."),
})
  // A field that is not known is a warning on this route.
  .meta(inJsonSchema({ additionalProperties: true }))
  .meta(component("NewEvent"));

export const maxBatchItems = 1_000;

const anyEvents = Joi.array().min(1).max(maxBatchItems).required();

/** What wraps the events of a batch; each of them is held against `eventSchema` on its own. */
export const batchEnvelopeSchema = Joi.object<{ events: unknown[] }>({ events: anyEvents });

/** The same with its items, for the document. */
export const batchSchema = Joi.object({ events: anyEvents.items(eventSchema) });
