import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

const statements = [
  // Rotations may overlap: beside the current secret there are several earlier ones, each with its own end. Nothing has
  // ever written the two columns.
  `ALTER TABLE endpoints
    DROP COLUMN sealed_previous_secret,
    DROP COLUMN previous_secret_expires_at,
    ADD COLUMN sealed_previous_secrets bytea[] NOT NULL DEFAULT '{}',
    ADD COLUMN previous_secrets_expire_at timestamptz[] NOT NULL DEFAULT '{}',
    ADD CHECK (cardinality(sealed_previous_secrets) = cardinality(previous_secrets_expire_at))`,

  // An organization may have fifty endpoints for each of any number of subscribers: they are listed in pages, counted by
  // subscriber, and a batch of events asks only for those of its own subscribers.
  `DROP INDEX endpoints_of_organization`,
  `CREATE INDEX endpoints_of_organization ON endpoints (organization_id, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX endpoints_of_subscriber ON endpoints (organization_id, subscriber) WHERE deleted_at IS NULL`,

  // An endpoint's deliveries in the order of their events, counted by status without looking at the rows; its open ones,
  // the oldest first; its latest attempts.
  `CREATE INDEX deliveries_of_endpoint ON deliveries (organization_id, endpoint_id, event_id) INCLUDE (status)`,
  `DROP INDEX IF EXISTS deliveries_open`,
  `CREATE INDEX deliveries_open_of_endpoint ON deliveries (organization_id, endpoint_id, event_id)
    WHERE status IN ('pending', 'retrying')`,
  `CREATE INDEX attempts_of_endpoint ON attempts (organization_id, endpoint_id, started_at)`,
];
