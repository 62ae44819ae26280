import { isEventTypePattern } from "@triggers/domain";
import Joi from "joi";
import { inJsonSchema } from "./answer-schema.ts";

/** Some event types: each a type, `user.*` (any depth below it) or `*`. */
export function eventTypePatterns() {
  return Joi.array()
    .items(
      Joi.string()
        .custom((value: string, helpers) =>
          isEventTypePattern(value) ? value : helpers.error("type.pattern"),
        )
        .meta(
          inJsonSchema({
            pattern: "^(\\*|[A-Za-z0-9_:/-]([A-Za-z0-9._:/-]*[A-Za-z0-9_:/-])?(\\.\\*)?)$",
            maxLength: 257,
          }),
        )
        .messages({ "type.pattern": 'must be an event type, "prefix.*" or "*"' }),
    )
    .min(1)
    .max(100)
    .example(["user.*", "order.paid"]);
}
