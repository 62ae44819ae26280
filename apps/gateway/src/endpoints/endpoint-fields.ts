import {
  completeRetrySchedule,
  customHeaderFault,
  reservedHeaders,
  retryScheduleLimits,
} from "@triggers/domain";
import Joi from "joi";
import { inJsonSchema } from "../http/answer-schema.ts";
import { eventTypePatterns } from "../http/event-type-patterns.ts";
import { mapOf } from "../http/map-of.ts";
import { storableText } from "../http/storable-text.ts";

/** The fields of an endpoint as every route takes them. */
export const urlField = storableText(2_048)
  .meta(inJsonSchema({ format: "uri" }))
  .description("http or https, without user info; an address that must not be reached is a 400.")
  .example("https://example.com/hooks");

export const headersField = mapOf(Joi.string(), Joi.string().allow("").max(4_096))
  .max(20)
  .custom((value: Record<string, string>, helpers) => {
    for (const [name, text] of Object.entries(value)) {
      const fault = customHeaderFault(name, text);
      if (fault !== undefined) return helpers.error("header.fault", { name, fault });
    }
    return value;
  })
  .meta(
    inJsonSchema({
      propertyNames: {
        pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        not: { enum: [...reservedHeaders] },
      },
      additionalProperties: {
        type: "string",
        maxLength: 4_096,
        pattern: "^[\\t\\u0020-\\u007e\\u0080-\\u00ff]*$",
      },
    }),
  )
  .description("Custom headers of every request; reserved names are refused in any case.")
  .messages({ "header.fault": "header {#name}: {#fault}", "object.max": "must have at most 20 headers" });

export const eventTypesField = eventTypePatterns().description(
  "Only events of these types: a type, `user.*` (any depth below it) or `*`. All when left out.",
);

export const timeoutField = Joi.number()
  .strict()
  .integer()
  .min(1_000)
  .max(30_000)
  .description("From the DNS question to the last byte of the answer; 15 000 when left out.");

const { maxAttempts, maxDelaySeconds, maxTotalSeconds } = retryScheduleLimits;

export const retryScheduleField = Joi.array()
  .items(Joi.number().strict().integer().min(0).max(maxDelaySeconds))
  .max(maxAttempts)
  .custom((value: number[], helpers) => {
    if (value.indexOf(0, 1) > 0) return helpers.error("schedule.zero");
    // Without its leading 0, which stands for an attempt too, a list is one shorter than its schedule.
    if (completeRetrySchedule(value).length > maxAttempts) return helpers.error("schedule.attempts");
    const totalSeconds = value.reduce((sum, delay) => sum + delay, 0);
    return totalSeconds <= maxTotalSeconds ? value : helpers.error("schedule.total");
  })
  .meta(inJsonSchema({}))
  .description(
    `Seconds before each attempt, counted from the one before it, ±20 %; together at most ${maxTotalSeconds}. The first attempt is made at once: a leading 0 stands for it and may be left out. Without one: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.`,
  )
  .example([0, 5, 300, 3_600])
  .messages({
    "schedule.zero": "must have 0 in the first place only",
    "schedule.attempts": `must be at most ${maxAttempts} attempts, the first one at once included`,
    "schedule.total": `must be at most ${maxTotalSeconds} seconds together`,
  });
