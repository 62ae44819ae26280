import { isSigningSecret } from "@triggers/domain";
import Joi from "joi";
import { metadataField } from "../events/event-schema.ts";
import { component, inJsonSchema } from "../http/answer-schema.ts";
import { storableText } from "../http/storable-text.ts";
import { type ListQuery, listQueryKeys } from "../http/list-page.ts";
import {
  eventTypesField,
  headersField,
  retryScheduleField,
  timeoutField,
  urlField,
} from "./endpoint-fields.ts";

/** Null takes the default, or sets nothing; in a PATCH what is left out stays as it is. */
export interface EndpointBody {
  url?: string;
  name?: string | null;
  description?: string | null;
  subscriber?: string | null;
  metadata?: Record<string, string> | null;
  event_types?: string[] | null;
  headers?: Record<string, string> | null;
  enabled?: boolean;
  timeout_ms?: number | null;
  rate_limit_per_second?: number | null;
  max_in_flight?: number | null;
  retry_schedule?: number[] | null;
  format?: "standard" | "cloudevents" | null;
}

export interface NewEndpointBody extends EndpointBody {
  url: string;
  signing_secret?: string;
}

const fields = {
  name: storableText(255)
    .allow(null)
    .description("A label. `default` is the endpoint of `/api/webhook/config`, of which there is one."),
  description: storableText(1_024).allow(null),
  subscriber: storableText(255)
    .allow(null)
    .description("Gets this subscriber's events and those only; without one: the events of all."),
  metadata: metadataField.allow(null).description("Pairs of text that are kept and shown."),
  event_types: eventTypesField.allow(null),
  headers: headersField.allow(null),
  enabled: Joi.boolean().strict().description("Events that come while it is false get a `skipped` delivery."),
  timeout_ms: timeoutField.allow(null),
  rate_limit_per_second: Joi.number()
    .strict()
    .integer()
    .min(1)
    .max(10_000)
    .allow(null)
    .description("Requests per second over all workers; none when left out."),
  max_in_flight: Joi.number()
    .strict()
    .integer()
    .min(1)
    .max(1_000)
    .allow(null)
    .description("Requests at once over all workers; 10 when left out."),
  retry_schedule: retryScheduleField.allow(null),
  format: Joi.string()
    .valid("standard", "cloudevents")
    .allow(null)
    .description(
      "The body: Standard Webhooks (the default) or CloudEvents in the JSON format. Both are signed.",
    ),
};

export const signingSecretField = Joi.string()
  .custom((value: string, helpers) => (isSigningSecret(value) ? value : helpers.error("secret.form")))
  .meta(inJsonSchema({ pattern: "^whsec_[A-Za-z0-9+/]{32,88}={0,2}$" }))
  .description("One that receivers know already; a new one is made when left out.")
  .messages({ "secret.form": "must be whsec_ and the base64 of 24 to 64 bytes" });

export const newEndpointSchema = Joi.object<NewEndpointBody>({
  url: urlField.required(),
  ...fields,
  signing_secret: signingSecretField,
}).meta(component("NewEndpoint"));

export const endpointChangeSchema = Joi.object<EndpointBody>({ url: urlField, ...fields })
  .min(1)
  .messages({ "object.min": "must change something" })
  .meta(component("EndpointChange"));

export interface EndpointListQuery extends ListQuery {
  subscriber?: string;
  name?: string;
  enabled?: boolean;
}

export const endpointListSchema = Joi.object<EndpointListQuery>({
  subscriber: storableText(255),
  name: storableText(255),
  enabled: Joi.boolean(),
  ...listQueryKeys,
});

/** A body that may be there and must be empty. */
export interface EnableBody {
  replay?: "skipped";
}

export const enableSchema = Joi.object<EnableBody>({
  replay: Joi.string()
    .valid("skipped")
    .description("Also delivers what came while the endpoint was disabled, as a replay."),
});

export const emptySchema = Joi.object<Record<string, never>>({});
