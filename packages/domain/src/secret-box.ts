import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";

const version = 1;
const headerBytes = 1 + 4 + 12 + 16;

/** Encrypts secrets at rest. `context` names what the secret belongs to; a sealed secret opens under the same only. */
export interface SecretBox {
  seal(plain: string, context: string): Buffer;
  /** Throws a plain Error when no key fits, or when the bytes or the context are not those that were sealed. */
  open(sealed: Buffer, context: string): string;
}

/**
 * AES-256-GCM with 32-byte keys: the first seals, all open, so that a new key is put in front and old rows stay readable.
 * Stored bytes: version (1) | key id (4, the first of the key's SHA-256) | nonce (12) | tag (16) | ciphertext; the
 * context is authenticated but not stored. Throws when there is no key or one of another length.
 */
export function createSecretBox(keys: readonly Buffer[]): SecretBox {
  const known = keys.map((key) => ({ key, id: hash("sha256", key, "buffer").subarray(0, 4) }));
  const [first] = known;
  if (first === undefined || keys.some((key) => key.length !== 32)) {
    throw new Error("A secret box needs at least one key, each of 32 bytes");
  }
  return {
    seal(plain, context) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", first.key, nonce).setAAD(Buffer.from(context));
      const text = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return Buffer.concat([Buffer.of(version), first.id, nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, context) {
      if (sealed.length < headerBytes || sealed[0] !== version) {
        throw new Error("The stored secret has an unknown format");
      }
      const fitting = known.filter(({ id }) => id.equals(sealed.subarray(1, 5)));
      if (fitting.length === 0) {
        throw new Error("The stored secret was sealed with a key that is not configured (any more)");
      }
      for (const { key } of fitting) {
        const plain = decrypt(key, sealed, context);
        if (plain !== undefined) return plain;
      }
      throw new Error("The stored secret was changed, or belongs to something else");
    },
  };
}

function decrypt(key: Buffer, sealed: Buffer, context: string): string | undefined {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(5, 17), { authTagLength: 16 })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(17, headerBytes));
  const text = decipher.update(sealed.subarray(headerBytes));
  try {
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch {
    // The tag does not fit. Another key may have the same 4-byte id, so the caller goes on.
    return undefined;
  }
}

/** Keys from the text "new,old", each base64 of 32 bytes. Throws an Error that names the place, never the value. */
export function parseSecretKeys(text: string): Buffer[] {
  return text.split(",").map((part, index, parts) => {
    const key = Buffer.from(part.trim(), "base64");
    if (key.length === 32 && key.toString("base64") === part.trim()) return key;
    throw new Error(`Secret key ${index + 1} of ${parts.length} is not the base64 of 32 bytes`);
  });
}
