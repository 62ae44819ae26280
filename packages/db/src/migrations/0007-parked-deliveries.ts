import { type Kysely, sql } from "kysely";

/**
 * The backlog: an open delivery that waits in Postgres until its endpoint has room in Redis says as what it is parked,
 * `first` or `retry`. The index yields an endpoint's next ones, and which endpoints have any.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE deliveries ADD COLUMN parked_as text`.execute(db);
  await sql`
    CREATE INDEX deliveries_parked ON deliveries (organization_id, endpoint_id, parked_as, next_attempt_at)
    WHERE parked_as IS NOT NULL AND status IN ('pending', 'retrying')`.execute(db);
}
