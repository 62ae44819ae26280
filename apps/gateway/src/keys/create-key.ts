import { createOrganizationKey, type Database } from "@triggers/db";
import { createApiKey, type Scope } from "@triggers/domain";
import { requireOk } from "./change-keys.ts";
import type { SecretHasher } from "./secret-hasher.ts";

export interface CreatedKey {
  apiKey: string;
  keyId: string;
  organizationId: string;
  name: string | null;
  scopes: readonly Scope[];
  createdAt: Date;
  expiresAt: Date | null;
}

/** A further key of an organization, for `actor`: `operator` or the id of an admin key. Shown here and nowhere else. */
export async function createKey(
  deps: { db: Database; hasher: SecretHasher },
  { organizationId, actor }: { organizationId: string; actor: string },
  wanted: { name?: string; scopes: readonly Scope[]; expires_at?: Date },
): Promise<CreatedKey> {
  const { apiKey, keyId, secret } = createApiKey();
  const key = {
    keyId,
    name: wanted.name ?? null,
    scopes: wanted.scopes,
    expiresAt: wanted.expires_at ?? null,
  };
  const secretHash = await deps.hasher.hash(secret);
  const { createdAt } = requireOk(
    await createOrganizationKey(deps.db, { organizationId, actor }, { ...key, secretHash }),
  );
  return { ...key, apiKey, organizationId, createdAt };
}
