import { type Kysely, sql } from "kysely";

/**
 * Each question of the inbox as a queue has an index that holds only the rows it asks for, so that events that were
 * acknowledged, or are leased, cost it nothing however many they are:
 * - what a lease takes that was never leased, in the order of the feed, without and with webhook events;
 * - what comes back from a lease, by its time. On an event's last lease `available_at` is null: it never comes back;
 * - what one lease holds;
 * - what is quarantined, or will be when its last lease runs out.
 *
 * The first two are ordered by an expression each: several indexes have the order of `position`, and a planner that
 * believes most events to be available would take any of them, and then walk over a million that are leased.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `CREATE INDEX events_to_lease ON events (organization_id, (position + 0))
    WHERE inbox_status = 'available' AND delivery_status IN ('none', 'failed')`,
  `CREATE INDEX events_available ON events (organization_id, (position - 0)) WHERE inbox_status = 'available'`,
  `CREATE INDEX events_coming_back ON events (organization_id, available_at) WHERE inbox_status = 'leased'`,
  `CREATE INDEX events_of_lease ON events (organization_id, lease_id) WHERE inbox_status = 'leased'`,
  `CREATE INDEX events_quarantined ON events (organization_id, position)
    WHERE inbox_status = 'quarantined' OR (inbox_status = 'leased' AND available_at IS NULL)`,
];
