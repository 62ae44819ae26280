import { DomainError } from "@triggers/domain";
import { type AddressRule, checkWebhookUrl } from "@triggers/egress";

export interface UrlDeps {
  addressRule: AddressRule;
  webhookHttpsOnly: boolean;
}

/** The URL as it is stored. It is judged here and again at every connect: names change their minds. */
export async function requireAllowedUrl(deps: UrlDeps, url: string, pointer = "/url"): Promise<string> {
  const verdict = await checkWebhookUrl(url, { rule: deps.addressRule, httpsOnly: deps.webhookHttpsOnly });
  if (verdict.ok) return verdict.url;
  throw new DomainError("webhook_url_refused", `This webhook URL is not allowed: ${verdict.detail}`, {
    fields: [{ pointer, detail: verdict.detail }],
  });
}
