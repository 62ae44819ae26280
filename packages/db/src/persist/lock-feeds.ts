import { type Kysely, sql } from "kysely";
import type { DB } from "../schema.ts";

/**
 * Takes a block of positions for each organization and returns the position before each block. The rows stay locked
 * until the commit, which makes commit order the order of the numbers: a reader who has seen position n has seen all
 * below it. Locks are taken in id order, so two batches never wait for each other. A number that ends up unused
 * (a repeated event) is a harmless hole.
 *
 * An organization that is missing in the result is erased, or about to be: nothing may be written for it. Its erasure
 * begins by removing this row, so it waits for the batches that hold it, and those that come later find it gone.
 */
export async function lockFeeds(
  tx: Kysely<DB>,
  eventsPerOrganization: ReadonlyMap<string, number>,
): Promise<Map<string, number>> {
  const before = await takePositions(tx, [...eventsPerOrganization]);
  const missing = [...eventsPerOrganization].filter(([id]) => !before.has(id));
  if (missing.length === 0) return before;
  await sql`
    INSERT INTO feeds (organization_id)
    SELECT id FROM organizations WHERE id = ANY(${missing.map(([id]) => id)}::uuid[]) AND erasing_since IS NULL
    ORDER BY id FOR SHARE
    ON CONFLICT DO NOTHING`.execute(tx);
  return new Map([...before, ...(await takePositions(tx, missing))]);
}

async function takePositions(
  tx: Kysely<DB>,
  organizations: readonly (readonly [string, number])[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ organizationId: string; before: number }>`
    WITH locked AS (
      SELECT f.organization_id, batch.events
      FROM feeds f
      JOIN unnest(${organizations.map(([id]) => id)}::uuid[], ${organizations.map(([, count]) => count)}::bigint[])
        AS batch (organization_id, events) ON batch.organization_id = f.organization_id
      ORDER BY f.organization_id FOR UPDATE OF f
    )
    UPDATE feeds f SET last_position = f.last_position + locked.events
    FROM locked WHERE f.organization_id = locked.organization_id
    RETURNING f.organization_id AS "organizationId", f.last_position - locked.events AS "before"`.execute(tx);
  return new Map(rows.map(({ organizationId, before }) => [organizationId, before]));
}
