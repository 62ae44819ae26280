import { type Database, rotateApiKey } from "@triggers/db";
import { createApiKey, DomainError } from "@triggers/domain";
import type { Logger } from "@triggers/runtime";
import type { RaiseEpoch } from "./epochs.ts";
import type { SecretHasher } from "./secret-hasher.ts";
import type { Principal } from "./verified-keys.ts";

export interface RotatedKey {
  apiKey: string;
  keyId: string;
  rotatedAt: Date;
  previousKeyExpiresAt: Date;
}

/**
 * Replaces the key that asks. The epoch is raised before the commit too: where that fails nothing has changed yet,
 * and the caller keeps a key that works. Once committed, the new key is answered in any case.
 */
export async function rotateKey(
  deps: { db: Database; hasher: SecretHasher; raiseEpoch: RaiseEpoch; logger: Logger },
  principal: Principal,
  overlapSeconds: number,
): Promise<RotatedKey> {
  const { apiKey, keyId, secret } = createApiKey();
  const secretHash = await deps.hasher.hash(secret);
  await deps.raiseEpoch(principal.organizationId).catch((cause: unknown) => {
    throw new DomainError(
      "queue_unavailable",
      "Keys cannot be rotated while Redis is away; try again shortly.",
      { cause },
    );
  });
  const rotation = await rotateApiKey(deps.db, principal.keyId, { keyId, secretHash }, overlapSeconds);
  if (!rotation) throw new DomainError("invalid_api_key", "The API key is not valid.");
  await deps.raiseEpoch(principal.organizationId).catch((error: unknown) => {
    deps.logger.error("a rotated key may work elsewhere for another minute", {
      keyId: principal.keyId,
      error,
    });
  });
  return { apiKey, keyId, ...rotation };
}
