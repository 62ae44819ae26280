import { type Kysely, sql } from "kysely";

/**
 * `requested`: an attempt that somebody asked for beside the schedule, and what the next attempt is recorded as. A manual
 * one can be asked for whatever the delivery's status is, so the sweeper finds it by an index of its own.
 * Replays page by the feed's positions, up to the one that was the last when they were asked for.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  `ALTER TABLE deliveries ADD COLUMN requested text CHECK (requested IN ('manual', 'replay')),
    ADD COLUMN requested_at timestamptz`,
  `CREATE INDEX deliveries_requested ON deliveries (requested_at) WHERE requested = 'manual'`,
  `ALTER TABLE replays DROP COLUMN resume_after,
    ADD COLUMN resume_position bigint NOT NULL DEFAULT 0,
    ADD COLUMN last_position bigint NOT NULL DEFAULT 0`,
  `CREATE UNIQUE INDEX replays_running_everywhere ON replays (organization_id)
    WHERE status = 'running' AND endpoint_id IS NULL`,
  `CREATE INDEX replays_unfinished ON replays (id) WHERE status = 'running'`,
];
