import { createHash, hash } from "node:crypto";

/**
 * SHA-256 of what an idempotency key stands for: (organization, key, raw body). Its first 32 bits go into the ids of the
 * events that the request makes, so that the id alone tells a repeated request from another one with the same key.
 */
export function requestDigestOf(organizationId: string, idempotencyKey: string, body: Buffer): Buffer {
  const head = [organizationId, idempotencyKey].map((part) => `${part.length}:${part}`).join("");
  return createHash("sha256").update(head).update(body).digest();
}

/** 32 bits, unsigned. In a batch each item has its own, by its index: two items must never be taken for one another. */
export function fingerprintOfRequest(digest: Buffer, index?: number): number {
  if (index === undefined) return digest.readUInt32BE(0);
  return hash("sha256", `${digest.toString("base64")}:${index}`, "buffer").readUInt32BE(0);
}
