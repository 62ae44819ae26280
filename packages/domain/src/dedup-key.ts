import { hash } from "node:crypto";

/**
 * The key under which BullMQ remembers a dedup id or an idempotency key: 22 base64url characters of the first 16 bytes of
 * a SHA-256, since Redis keeps one per event for the whole window. Every part is preceded by its length, so that no two
 * lists of parts make the same text; and it is hashed as UTF-16, because in UTF-8 all lone surrogates look the same.
 */
export function dedupKeyOf(
  kind: "dedup" | "idempotency",
  organizationId: string,
  ...parts: string[]
): string {
  const text = [kind, organizationId, ...parts].map((part) => `${part.length}:${part}`).join("");
  return hash("sha256", Buffer.from(text, "utf16le"), "buffer").toString("base64url", 0, 16);
}
