import Joi, { type DateSchema } from "joi";
import { inJsonSchema } from "./answer-schema.ts";

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** An RFC 3339 timestamp that lies ahead; one without its offset could mean another hour than was meant. */
export function futureTime(): DateSchema {
  return Joi.date()
    .iso()
    .max("9999-12-31T23:59:59.999Z")
    .custom((value: Date, helpers) => {
      const { original } = helpers as { original: unknown };
      if (typeof original !== "string" || !rfc3339.test(original)) return helpers.error("time.rfc3339");
      return value.getTime() > Date.now() ? value : helpers.error("time.future");
    })
    .meta(inJsonSchema({ format: "date-time", pattern: rfc3339.source }))
    .description("Lies ahead.")
    .messages({
      "time.rfc3339": "must be an RFC 3339 timestamp such as 2026-01-31T12:00:00.000Z",
      "time.future": "must lie in the future",
    });
}
