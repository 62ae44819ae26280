import { type Database, type EndpointRow, saveDefaultEndpoint } from "@triggers/db";
import { createId, createSigningSecret, DomainError, type SecretBox } from "@triggers/domain";
import { type AddressRule, checkWebhookUrl } from "@triggers/egress";
import type { WebhookConfigBody } from "./webhook-config-schema.ts";

export interface EndpointDeps {
  db: Database;
  secretBox: SecretBox;
  addressRule: AddressRule;
  webhookHttpsOnly: boolean;
}

export interface SavedEndpoint {
  endpoint: EndpointRow;
  /** Only when this call created the endpoint: a secret is shown once. */
  signingSecret: string | undefined;
}

/** The one-endpoint shortcut. The address is judged here and again at every connect: names change their minds. */
export async function configureDefaultEndpoint(
  deps: EndpointDeps,
  organizationId: string,
  body: WebhookConfigBody,
): Promise<SavedEndpoint> {
  const url = body.webhook_url ?? body.url ?? "";
  const verdict = await checkWebhookUrl(url, { rule: deps.addressRule, httpsOnly: deps.webhookHttpsOnly });
  if (!verdict.ok) {
    throw new DomainError("webhook_url_refused", `This webhook URL is not allowed: ${verdict.detail}`, {
      fields: [{ pointer: body.webhook_url === undefined ? "/url" : "/webhook_url", detail: verdict.detail }],
    });
  }
  const headers = body.headers ?? body.auth_headers;
  const signingSecret = createSigningSecret();
  const { endpoint, created } = await saveDefaultEndpoint(deps.db, {
    id: createId(),
    organizationId,
    url: verdict.url,
    eventTypes: body.event_types ?? null,
    timeoutMs: body.timeout_ms ?? null,
    sealHeaders: (id) => (headers ? deps.secretBox.seal(JSON.stringify(headers), id) : null),
    sealSecret: (id) => deps.secretBox.seal(signingSecret, id),
  });
  return { endpoint, signingSecret: created ? signingSecret : undefined };
}
