import Joi, { type StringSchema } from "joi";
import { inJsonSchema } from "./answer-schema.ts";

/**
 * Text that Postgres can keep as it is: JSON allows NUL and lone surrogates, Postgres does not, and what was accepted
 * must never turn out to be unstorable.
 */
export function storableText(maxLength: number): StringSchema {
  return Joi.string()
    .min(1)
    .max(maxLength)
    .custom((value: string, helpers) =>
      value.includes("\0") || !value.isWellFormed() ? helpers.error("text.storable") : value,
    )
    .meta(inJsonSchema({ pattern: "^[^\\u0000\\ud800-\\udfff]*$" }))
    .messages({ "text.storable": "must not contain NUL or a lone surrogate" });
}
