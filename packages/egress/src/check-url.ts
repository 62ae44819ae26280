import { isIP } from "node:net";
import type { AddressRule } from "./address-rule.ts";
import { type ResolveHost, resolveHost } from "./resolve-host.ts";

const MAX_URL_CHARACTERS = 2048;

export interface UrlRule {
  rule: AddressRule;
  httpsOnly: boolean;
  resolve?: ResolveHost;
  /** A name that takes longer is accepted like one that does not resolve. */
  lookupTimeoutMs?: number;
}

/** `url` is in the URL parser's normal form, so that what is stored is what is connected to; `detail` is public. */
export type UrlVerdict = { ok: true; url: string } | { ok: false; detail: string };

async function addressesOf(
  hostname: string,
  resolve: ResolveHost,
  timeoutMs: number,
): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((done) => {
    timer = setTimeout(() => done([]), timeoutMs);
  });
  try {
    // A name that does not resolve yet is no fault of the URL: the connect decides.
    return await Promise.race([resolve(hostname).catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Judges a URL when it is saved. The answer is for people's sake only: names can change their addresses, so the
 * guarded agents judge again on every connect. Never rejects.
 */
export async function checkWebhookUrl(
  url: string,
  { rule, httpsOnly, resolve = resolveHost, lookupTimeoutMs = 2000 }: UrlRule,
): Promise<UrlVerdict> {
  if (url.length > MAX_URL_CHARACTERS)
    return { ok: false, detail: `must be at most ${MAX_URL_CHARACTERS} characters` };
  const parsed = URL.parse(url);
  if (!parsed) return { ok: false, detail: "must be an absolute URL" };
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") {
    return { ok: false, detail: "must begin with http:// or https://" };
  }
  if (httpsOnly && parsed.protocol === "http:") return { ok: false, detail: "must begin with https://" };
  if (parsed.username !== "" || parsed.password !== "") {
    return { ok: false, detail: "must not contain a user name or password" };
  }
  parsed.hash = "";
  if (parsed.href.length > MAX_URL_CHARACTERS) {
    return { ok: false, detail: `must be at most ${MAX_URL_CHARACTERS} characters once encoded` };
  }
  // The parser has already turned decimal, octal, hexadecimal and full-width spellings into dotted IPv4.
  const hostname = parsed.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  const addresses = isIP(hostname) === 0 ? await addressesOf(hostname, resolve, lookupTimeoutMs) : [hostname];
  if (!addresses.every((address) => rule.isAllowed(address))) {
    return { ok: false, detail: "must not lead to a private, local or reserved address" };
  }
  return { ok: true, url: parsed.href };
}
