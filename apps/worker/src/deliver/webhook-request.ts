import type { ClaimedDelivery, EndpointRow } from "@triggers/db";
import { type SecretBox, timeOfId, webhookBody, webhookHeaders } from "@triggers/domain";
import type { WebhookRequest } from "./send-webhook.ts";

/** The request of one attempt: the same body every time, a timestamp and signatures of its own. */
export function buildWebhookRequest(
  secretBox: SecretBox,
  endpoint: EndpointRow,
  delivery: ClaimedDelivery,
  now: Date,
): WebhookRequest {
  const body = webhookBody({
    id: delivery.eventId,
    type: delivery.type,
    timestamp: (delivery.occurredAt ?? new Date(timeOfId(delivery.eventId))).toISOString(),
    payload: delivery.payload ?? "null",
  });
  const headers = webhookHeaders({
    eventId: delivery.eventId,
    eventType: delivery.type,
    attempt: delivery.attempts + 1,
    timestampSeconds: Math.floor(now.getTime() / 1_000),
    body,
    secrets: liveSecrets(secretBox, endpoint, now),
    customHeaders: endpoint.sealed_headers
      ? parseHeaders(secretBox.open(endpoint.sealed_headers, endpoint.id))
      : {},
  });
  return { url: endpoint.url, headers, body, timeoutMs: endpoint.timeout_ms };
}

/** The current secret, and the one before it while their overlap lasts. */
function liveSecrets(secretBox: SecretBox, endpoint: EndpointRow, now: Date): string[] {
  const { sealed_secret, sealed_previous_secret, previous_secret_expires_at } = endpoint;
  const isOverlapping =
    sealed_previous_secret && previous_secret_expires_at && previous_secret_expires_at > now;
  return [sealed_secret, ...(isOverlapping ? [sealed_previous_secret] : [])].map((sealed) =>
    secretBox.open(sealed, endpoint.id),
  );
}

function parseHeaders(json: string): Record<string, string> {
  return JSON.parse(json) as Record<string, string>;
}
