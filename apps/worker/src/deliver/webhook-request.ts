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

/** The current secret, and those before it while their overlaps last. */
function liveSecrets(secretBox: SecretBox, endpoint: EndpointRow, now: Date): string[] {
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
