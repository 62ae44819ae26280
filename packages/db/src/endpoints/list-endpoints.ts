import type { Database } from "../connect.ts";
import type { EndpointRow } from "../endpoints.ts";
import { type PageOfIds, pageById } from "../page-by-id.ts";

export interface EndpointListFilter {
  subscriber?: string | undefined;
  name?: string | undefined;
  enabled?: boolean | undefined;
}

export async function listEndpoints(
  db: Database,
  organizationId: string,
  page: PageOfIds,
  { subscriber, name, enabled }: EndpointListFilter,
): Promise<EndpointRow[]> {
  let rows = db
    .selectFrom("endpoints")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("deleted_at", "is", null);
  if (subscriber !== undefined) rows = rows.where("subscriber", "=", subscriber);
  if (name !== undefined) rows = rows.where("name", "=", name);
  if (enabled !== undefined) rows = rows.where("enabled", "=", enabled);
  return pageById(rows, "id", page).execute();
}

export async function findEndpoint(
  db: Database,
  organizationId: string,
  id: string,
): Promise<EndpointRow | undefined> {
  return db
    .selectFrom("endpoints")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
}
