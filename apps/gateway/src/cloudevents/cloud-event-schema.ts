import Joi from "joi";
import { timestamp } from "../events/event-schema.ts";
import { component, inJsonSchema } from "../http/answer-schema.ts";
import { storableText } from "../http/storable-text.ts";

export interface CloudEventAttributes {
  specversion: "1.0";
  id: string;
  source: string;
  type: string;
  subject?: string;
  time?: string;
  dataschema?: string;
  datacontenttype?: string;
  data_base64?: string;
  /** Extensions. */
  [name: string]: unknown;
}

const printable = (maxLength: number) =>
  storableText(maxLength)
    .pattern(/^\P{Cc}+$/u)
    .messages({ "string.pattern.base": "must not contain control characters" });

const uriReference = (maxLength: number) =>
  storableText(maxLength)
    .pattern(/^[^\s\p{Cc}]+$/u)
    .messages({ "string.pattern.base": "must be a URI reference, without spaces" });

/** CloudEvents 1.0.2 (spec.md, json-format.md). What `data` holds is not looked at. */
export const cloudEventSchema = Joi.object<CloudEventAttributes>({
  specversion: Joi.string().valid("1.0").required(),
  id: printable(255).required(),
  source: uriReference(1_024).required(),
  type: printable(255).required(),
  subject: printable(1_024),
  time: timestamp,
  dataschema: uriReference(2_048),
  datacontenttype: Joi.string()
    .max(255)
    .pattern(/^[^\s/;]+\/[^\s/;]+\s*(;.*)?$/)
    .messages({ "string.pattern.base": "must be a media type" }),
  data: Joi.any(),
  data_base64: Joi.string().allow("").base64({ paddingRequired: true }),
})
  .pattern(
    /^[a-z0-9]+$/,
    Joi.alternatives(Joi.string().allow(""), Joi.boolean(), Joi.number().integer()).messages({
      "alternatives.types": "must be a string, a boolean or an integer",
    }),
  )
  .pattern(
    Joi.string().allow(""),
    Joi.forbidden().messages({
      "any.unknown": "is no attribute name: those have lower-case letters and digits only",
    }),
  )
  .oxor("data", "data_base64")
  .meta(
    inJsonSchema({
      patternProperties: undefined,
      propertyNames: { pattern: "^([a-z0-9]+|data_base64)$" },
      additionalProperties: { type: ["string", "boolean", "integer"] },
    }),
  )
  .meta(component("CloudEvent"));
