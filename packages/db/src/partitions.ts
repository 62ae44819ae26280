import { lowestIdAt, timeOfId } from "@triggers/domain";
import { sql } from "kysely";
import type { Database } from "./connect.ts";

const partitionedTables = ["events", "deliveries", "attempts"] as const;
const dayMs = 86_400_000;

/** The UTC days (as ms) that the ids' times fall into. */
export function daysOfIds(ids: readonly string[]): number[] {
  return [...new Set(ids.map((id) => Math.floor(timeOfId(id) / dayMs) * dayMs))];
}

/** The day of `nowMs` and the `count` days after it. */
export function daysAhead(nowMs: number, count: number): number[] {
  const today = Math.floor(nowMs / dayMs) * dayMs;
  return Array.from({ length: count + 1 }, (_, index) => today + index * dayMs);
}

/**
 * Makes the partitions of these days where they are missing. A table is made first and attached second: the short
 * form `PARTITION OF` would wait for every reader of the parent and block all that come after it.
 */
export async function createPartitions(db: Database, days: readonly number[]): Promise<void> {
  for (const day of days) {
    const suffix = new Date(day).toISOString().slice(0, 10).replaceAll("-", "");
    for (const parent of partitionedTables) {
      await db.transaction().execute(async (tx) => {
        // Two workers that miss the same day at once make it once.
        await sql`SELECT pg_advisory_xact_lock(hashtext('triggers-partitions'))`.execute(tx);
        const name = `${parent}_${suffix}`;
        const found = await sql<{
          exists: boolean;
        }>`SELECT to_regclass(${name}) IS NOT NULL AS exists`.execute(tx);
        if (found.rows[0]?.exists) return;
        const [partition, table] = [sql.table(name), sql.table(parent)];
        await sql`CREATE TABLE ${partition} (LIKE ${table} INCLUDING ALL)`.execute(tx);
        await sql`ALTER TABLE ${table} ATTACH PARTITION ${partition}
          FOR VALUES FROM (${sql.lit(lowestIdAt(day))}) TO (${sql.lit(lowestIdAt(day + dayMs))})`.execute(tx);
      });
    }
  }
}
