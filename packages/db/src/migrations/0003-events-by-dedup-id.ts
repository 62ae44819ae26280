import { type Kysely, sql } from "kysely";

/** "Where is my event?" is asked by the id that the client gave it. Events without one cost the index nothing. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE INDEX events_by_dedup_id ON events (organization_id, dedup_id) WHERE dedup_id IS NOT NULL`.execute(
    db,
  );
}
