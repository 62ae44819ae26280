import { createHmac } from "node:crypto";
import { expectTrue } from "../../expect.ts";
import type { ReceivedWebhook } from "../../receiver.ts";

/** Standard Webhooks 1.0.0: the header's part for one secret. */
export function signatureOf({ headers, body }: ReceivedWebhook, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  return `v1,${createHmac("sha256", key).update(signed).digest("base64")}`;
}

/** Exactly one signature by each of these secrets, and no other. */
export function expectSignedBy(webhook: ReceivedWebhook | undefined, secrets: string[]): void {
  const signatures = String(webhook?.headers["webhook-signature"]).split(" ");
  const wanted = webhook ? secrets.map((secret) => signatureOf(webhook, secret)) : [];
  expectTrue(
    `${secrets.length} signatures, one by each live secret`,
    signatures.toSorted().join() === wanted.toSorted().join(),
    signatures,
  );
}
