import { type Kysely, sql } from "kysely";
import type { DB } from "../schema.ts";

/**
 * Takes a block of positions for each organization and returns the position before each block. The rows stay locked
 * until the commit, which makes commit order the order of the numbers: a reader who has seen position n has seen all
 * below it. Locks are taken in id order, so two batches never wait for each other. A number that ends up unused
 * (a repeated event) is a harmless hole.
 */
export async function lockFeeds(
  tx: Kysely<DB>,
  eventsPerOrganization: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const organizations = [...eventsPerOrganization].sort(([a], [b]) => (a < b ? -1 : 1));
  const { rows } = await sql<{ organizationId: string; before: number }>`
    INSERT INTO feeds AS f (organization_id, last_position)
    SELECT organization_id, events
    FROM unnest(${organizations.map(([id]) => id)}::uuid[], ${organizations.map(([, count]) => count)}::bigint[])
      AS batch (organization_id, events)
    ORDER BY organization_id
    ON CONFLICT (organization_id) DO UPDATE SET last_position = f.last_position + excluded.last_position
    RETURNING organization_id AS "organizationId", last_position AS "before"`.execute(tx);
  return new Map(
    rows.map(({ organizationId, before }) => [
      organizationId,
      before - (eventsPerOrganization.get(organizationId) ?? 0),
    ]),
  );
}
