import Joi from "joi";
import { old } from "../http/answer-schema.ts";
import { eventTypesField, headersField, timeoutField, urlField } from "./endpoint-fields.ts";

export interface WebhookConfigBody {
  webhook_url?: string;
  url?: string;
  event_types?: string[];
  headers?: Record<string, string>;
  auth_headers?: Record<string, string>;
  timeout_ms?: number;
}

/** `url` and `auth_headers` are the names that older clients send. */
export const webhookConfigSchema = Joi.object<WebhookConfigBody>({
  webhook_url: urlField,
  url: urlField.meta(old).description("The old name of `webhook_url`."),
  event_types: eventTypesField,
  headers: headersField,
  auth_headers: headersField.meta(old).description("The old name of `headers`."),
  timeout_ms: timeoutField,
})
  .xor("webhook_url", "url")
  .oxor("headers", "auth_headers");
