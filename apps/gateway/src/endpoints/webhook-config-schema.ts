import { customHeaderFault, isEventTypePattern } from "@triggers/domain";
import Joi from "joi";
import { storableText } from "../http/storable-text.ts";

export interface WebhookConfigBody {
  webhook_url?: string;
  url?: string;
  event_types?: string[];
  headers?: Record<string, string>;
  auth_headers?: Record<string, string>;
  timeout_ms?: number;
}

const headers = Joi.object()
  .pattern(Joi.string(), Joi.string().allow("").max(4_096))
  .max(20)
  .custom((value: Record<string, string>, helpers) => {
    for (const [name, text] of Object.entries(value)) {
      const fault = customHeaderFault(name, text);
      if (fault !== undefined) return helpers.error("header.fault", { name, fault });
    }
    return value;
  })
  .messages({ "header.fault": "header {#name}: {#fault}", "object.max": "must have at most 20 headers" });

/** `url` and `auth_headers` are the names that older clients send. */
export const webhookConfigSchema = Joi.object<WebhookConfigBody>({
  webhook_url: storableText(2_048),
  url: storableText(2_048),
  event_types: Joi.array()
    .items(
      Joi.string()
        .custom((value: string, helpers) =>
          isEventTypePattern(value) ? value : helpers.error("type.pattern"),
        )
        .messages({ "type.pattern": 'must be an event type, "prefix.*" or "*"' }),
    )
    .min(1)
    .max(100),
  headers,
  auth_headers: headers,
  timeout_ms: Joi.number().strict().integer().min(1_000).max(30_000),
})
  .xor("webhook_url", "url")
  .oxor("headers", "auth_headers");
