import { type Kysely, sql } from "kysely";

/**
 * Events of the service itself on their way to the queue: written in the transaction of what they tell of, removed when
 * the queue has them.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    CREATE TABLE operational_events (
      id uuid PRIMARY KEY,
      organization_id uuid NOT NULL,
      type text NOT NULL,
      payload text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`.execute(db);
}
