import { sql } from "kysely";
import type { Database } from "./connect.ts";

/** The last positions of several feeds in one statement; an organization without events may be missing. */
export async function readPositions(
  db: Database,
  organizationIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("feeds")
    .select(["organization_id", "last_position"])
    // One statement of one shape, however many are asked for.
    .where(sql<boolean>`organization_id = ANY(${organizationIds}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.organization_id, row.last_position]));
}
