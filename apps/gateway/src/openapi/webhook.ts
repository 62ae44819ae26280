/** What endpoints receive, as an OpenAPI webhook. */
export const eventWebhook = {
  post: {
    operationId: "receiveEvent",
    tags: ["Webhooks"],
    summary: "An event, sent to an endpoint",
    description:
      "Follows [Standard Webhooks](https://www.standardwebhooks.com): verify `webhook-signature` with the endpoint's " +
      "signing secret before trusting the body. The same `webhook-id` may come again; the body is the same byte for " +
      "byte. Endpoints with the format `cloudevents` get a CloudEvent as the body. Custom headers of the endpoint come " +
      "along. Answer within the endpoint's timeout.",
    security: [],
    parameters: [
      header("webhook-id", "The id of the event, the same on every attempt.", {
        type: "string",
        format: "uuid",
      }),
      header("webhook-timestamp", "Of this attempt, in seconds since 1970.", { type: "integer" }),
      header(
        "webhook-signature",
        "`v1,<base64 of HMAC-SHA256 over id.timestamp.body>`, one per live secret, separated by spaces.",
        { type: "string" },
      ),
      header("x-event-id", "The id of the event.", { type: "string", format: "uuid" }),
      header("x-event-type", "The type of the event, percent-encoded where needed.", { type: "string" }),
      header("x-delivery-attempt", "The running number of this attempt.", { type: "integer", minimum: 1 }),
    ],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: { $ref: "#/components/schemas/WebhookBody" } },
        "application/cloudevents+json": { schema: { $ref: "#/components/schemas/WebhookCloudEvent" } },
      },
    },
    responses: {
      "2XX": { description: "The event is delivered." },
      "410": { description: "Disables the endpoint." },
      "429": { description: "A failed attempt; `Retry-After` is honoured, up to 24 hours." },
      "503": { description: "A failed attempt; `Retry-After` is honoured, up to 24 hours." },
      default: { description: "A failed attempt, redirects too: tried again by the retry schedule." },
    },
  },
};

export const webhookBodySchema = {
  type: "object",
  required: ["id", "type", "timestamp", "data"],
  properties: {
    id: { type: "string", format: "uuid" },
    type: { type: "string" },
    timestamp: {
      type: "string",
      format: "date-time",
      description: "`occurred_at` of the event where given, else `created_at`.",
    },
    data: { description: "The payload, byte for byte as it was sent." },
  },
};

/** CloudEvents 1.0.2, JSON format: the body for endpoints with the format `cloudevents`. */
export const webhookCloudEventSchema = {
  type: "object",
  required: ["specversion", "id", "source", "type", "time"],
  properties: {
    specversion: { const: "1.0" },
    id: { type: "string", format: "uuid", description: "The id of the event, as in `webhook-id`." },
    source: {
      type: "string",
      format: "uri-reference",
      description: "As it came; `urn:uuid:<organization id>` of an event that came as no CloudEvent.",
    },
    type: { type: "string" },
    time: { type: "string", format: "date-time" },
    subject: { type: "string" },
    dataschema: { type: "string" },
    datacontenttype: { type: "string" },
    data: { description: "The payload, byte for byte as it was sent." },
    data_base64: { type: "string", description: "Instead of `data`, where it came as bytes." },
  },
  additionalProperties: { description: "Extensions, as they came." },
};

function header(name: string, description: string, schema: Record<string, unknown>) {
  return { name, in: "header", required: true, description, schema };
}
