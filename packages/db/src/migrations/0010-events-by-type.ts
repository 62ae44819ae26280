import { type Kysely, sql } from "kysely";

/**
 * Whoever asks for a rare type must not walk over all others: lists and streams of a type, and of what is undelivered,
 * which leases take from. Ordered by an expression, so that the planner takes them where they are meant and nowhere
 * else; in the collation in which a prefix (`user.*`) is a range.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE INDEX events_by_type ON events (organization_id, type COLLATE "C", (0 + position))`,
  `CREATE INDEX events_undelivered_by_type ON events (organization_id, type COLLATE "C", (0 + position))
    WHERE inbox_status IN ('available', 'leased') AND delivery_status <> 'delivered'`,
];
