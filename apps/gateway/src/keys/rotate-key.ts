import { type Database, rotateApiKey } from "@triggers/db";
import { createApiKey } from "@triggers/domain";
import type { Logger } from "@triggers/runtime";
import { changeEverywhere, requireOk } from "./change-keys.ts";
import type { RaiseEpoch } from "./epochs.ts";
import type { SecretHasher } from "./secret-hasher.ts";
import type { Principal } from "./verified-keys.ts";

export interface RotatedKey {
  apiKey: string;
  keyId: string;
  rotatedAt: Date;
  previousKeyExpiresAt: Date;
}

/** Replaces the key that asks. The new one has the same name and scopes, and does not expire. */
export async function rotateKey(
  deps: { db: Database; hasher: SecretHasher; raiseEpoch: RaiseEpoch; logger: Logger },
  principal: Principal,
  overlapSeconds: number,
): Promise<RotatedKey> {
  const { apiKey, keyId, secret } = createApiKey();
  const secretHash = await deps.hasher.hash(secret);
  const { rotatedAt, previousKeyExpiresAt } = requireOk(
    await changeEverywhere(deps, principal.organizationId, () =>
      rotateApiKey(deps.db, principal, { keyId, secretHash }, overlapSeconds),
    ),
  );
  return { apiKey, keyId, rotatedAt, previousKeyExpiresAt };
}
