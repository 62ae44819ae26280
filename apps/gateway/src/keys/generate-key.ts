import { createOrganization, type Database } from "@triggers/db";
import { createApiKey, createId, type Tier } from "@triggers/domain";
import type { SecretHasher } from "./secret-hasher.ts";

export interface GeneratedKey {
  apiKey: string;
  keyId: string;
  organizationId: string;
  createdAt: Date;
}

/** Creates an organization with its first key. The key is in the result and nowhere else. */
export async function generateKey(
  deps: { db: Database; hasher: SecretHasher },
  organization: { name: string; tier: Tier },
  actor: "operator" | "signup",
): Promise<GeneratedKey> {
  const { apiKey, keyId, secret } = createApiKey();
  const organizationId = createId();
  const { createdAt } = await createOrganization(
    deps.db,
    { id: organizationId, ...organization },
    { keyId, secretHash: await deps.hasher.hash(secret), scopes: ["admin"], name: null },
    actor,
  );
  return { apiKey, keyId, organizationId, createdAt };
}
