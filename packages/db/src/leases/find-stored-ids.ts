import { sql } from "kysely";
import type { Database } from "../connect.ts";

/** Which of these ids are stored events of the organization. */
export async function findStoredIds(
  db: Database,
  organizationId: string,
  eventIds: readonly string[],
): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM events
    WHERE id = ANY(${eventIds}::uuid[]) AND organization_id = ${organizationId}`.execute(db);
  return new Set(rows.map(({ id }) => id));
}
