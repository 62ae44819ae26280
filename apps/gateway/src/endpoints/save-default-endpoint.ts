import { type EndpointChange, type EndpointRow, saveDefaultEndpoint } from "@triggers/db";
import { createId, createSigningSecret } from "@triggers/domain";
import { requireAllowedUrl } from "./require-allowed-url.ts";
import { requireOk } from "./require-endpoint.ts";
import type { EndpointDeps } from "./save-endpoint.ts";
import type { WebhookConfigBody } from "./webhook-config-schema.ts";

export interface SavedEndpoint {
  endpoint: EndpointRow;
  /** Only when this call created the endpoint: a secret is shown once. */
  signingSecret: string | undefined;
}

/** The one-endpoint shortcut. */
export async function configureDefaultEndpoint(
  deps: EndpointDeps,
  change: EndpointChange,
  body: WebhookConfigBody,
): Promise<SavedEndpoint> {
  const pointer = body.webhook_url === undefined ? "/url" : "/webhook_url";
  const url = await requireAllowedUrl(deps, body.webhook_url ?? body.url ?? "", pointer);
  const headers = body.headers ?? body.auth_headers;
  const signingSecret = createSigningSecret();
  const { endpoint, created } = requireOk(
    await saveDefaultEndpoint(deps.db, change, {
      id: createId(),
      url,
      eventTypes: body.event_types ?? null,
      timeoutMs: body.timeout_ms ?? null,
      sealHeaders: (id) => (headers ? deps.secretBox.seal(JSON.stringify(headers), id) : null),
      sealSecret: (id) => deps.secretBox.seal(signingSecret, id),
    }),
  );
  return { endpoint, signingSecret: created ? signingSecret : undefined };
}
