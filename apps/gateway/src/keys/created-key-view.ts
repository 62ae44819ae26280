import type { CreatedKey } from "./create-key.ts";

/** The 201 of whoever makes a further key. */
export function createdKeyView(key: CreatedKey) {
  return {
    api_key: key.apiKey,
    key_id: key.keyId,
    organization_id: key.organizationId,
    name: key.name,
    scopes: key.scopes,
    created_at: key.createdAt,
    expires_at: key.expiresAt,
    message: "Keep this key: it is shown only once.",
  };
}
