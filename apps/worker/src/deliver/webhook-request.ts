import type { ClaimedDelivery, EndpointRow } from "@triggers/db";
import { cloudEventBody, type SecretBox, timeOfId, webhookBody, webhookHeaders } from "@triggers/domain";
import type { WebhookRequest } from "./send-webhook.ts";

/** What a request says of its event; a test send has one that was never stored. */
export type EventToSend = Pick<
  ClaimedDelivery,
  "eventId" | "organizationId" | "type" | "payload" | "occurredAt" | "cloudevent" | "attempts"
>;

/** The request of one attempt: the same body every time, a timestamp and signatures of its own. */
export function buildWebhookRequest(
  secretBox: Pick<SecretBox, "open">,
  endpoint: EndpointRow,
  event: EventToSend,
  now: Date,
): WebhookRequest {
  const isCloudEvent = endpoint.format === "cloudevents";
  const content = {
    id: event.eventId,
    type: event.type,
    timestamp: (event.occurredAt ?? new Date(timeOfId(event.eventId))).toISOString(),
    payload: event.payload ?? "null",
  };
  const body = isCloudEvent
    ? cloudEventBody({
        ...content,
        organizationId: event.organizationId,
        cloudevent: event.cloudevent,
      })
    : webhookBody(content);
  const headers = webhookHeaders({
    eventId: event.eventId,
    eventType: event.type,
    attempt: event.attempts + 1,
    timestampSeconds: Math.floor(now.getTime() / 1_000),
    body,
    ...(isCloudEvent ? { contentType: "application/cloudevents+json" } : {}),
    secrets: liveSecrets(secretBox, endpoint, now),
    customHeaders: endpoint.sealed_headers
      ? parseHeaders(secretBox.open(endpoint.sealed_headers, endpoint.id))
      : {},
  });
  return { url: endpoint.url, headers, body, timeoutMs: endpoint.timeout_ms };
}

/** The current secret, and those before it while their overlaps last. */
function liveSecrets(secretBox: Pick<SecretBox, "open">, endpoint: EndpointRow, now: Date): string[] {
  const { sealed_secret, sealed_previous_secrets, previous_secrets_expire_at } = endpoint;
  const overlapping = sealed_previous_secrets.filter((_sealed, index) => {
    const expiresAt = previous_secrets_expire_at[index];
    return expiresAt !== undefined && expiresAt > now;
  });
  return [sealed_secret, ...overlapping].map((sealed) => secretBox.open(sealed, endpoint.id));
}

function parseHeaders(json: string): Record<string, string> {
  return JSON.parse(json) as Record<string, string>;
}
