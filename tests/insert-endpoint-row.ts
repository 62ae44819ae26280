import type { Database } from "@triggers/db";
import { createId, createSecretBox, createSigningSecret } from "@triggers/domain";

interface EndpointSettings {
  url: string;
  subscriber?: string;
  event_types?: string[];
  max_in_flight?: number;
  rate_limit_per_second?: number;
  retry_schedule?: number[];
  timeout_ms?: number;
}

/** An endpoint as the API would save it, sealed with the key of `startApp`; returns its id. */
export async function insertEndpointRow(
  db: Database,
  organizationId: string,
  settings: EndpointSettings,
): Promise<string> {
  const id = createId();
  const sealed = createSecretBox([Buffer.alloc(32, 7)]).seal(createSigningSecret(), id);
  await db
    .insertInto("endpoints")
    .values({ id, organization_id: organizationId, sealed_secret: sealed, ...settings })
    .execute();
  return id;
}
