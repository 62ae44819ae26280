import { customHeaderFault, isEventTypePattern, reservedHeaders } from "@triggers/domain";
import Joi from "joi";
import { inJsonSchema, old } from "../http/answer-schema.ts";
import { mapOf } from "../http/map-of.ts";
import { storableText } from "../http/storable-text.ts";

export interface WebhookConfigBody {
  webhook_url?: string;
  url?: string;
  event_types?: string[];
  headers?: Record<string, string>;
  auth_headers?: Record<string, string>;
  timeout_ms?: number;
}

const headers = mapOf(Joi.string(), Joi.string().allow("").max(4_096))
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

/** `url` and `auth_headers` are the names that older clients send. */
export const webhookConfigSchema = Joi.object<WebhookConfigBody>({
  webhook_url: storableText(2_048)
    .meta(inJsonSchema({ format: "uri" }))
    .description("http or https, without user info; an address that must not be reached is a 400.")
    .example("https://example.com/hooks"),
  url: storableText(2_048).meta(old).description("The old name of `webhook_url`."),
  event_types: Joi.array()
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
    .description(
      "Only events of these types: a type, `user.*` (any depth below it) or `*`. All when left out.",
    )
    .example(["user.*", "order.paid"]),
  headers,
  auth_headers: headers.meta(old).description("The old name of `headers`."),
  timeout_ms: Joi.number()
    .strict()
    .integer()
    .min(1_000)
    .max(30_000)
    .description("From the DNS question to the last byte of the answer; 15 000 when left out."),
})
  .xor("webhook_url", "url")
  .oxor("headers", "auth_headers");
