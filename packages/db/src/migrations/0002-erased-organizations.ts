import { type Kysely, sql } from "kysely";

/** An organization whose erasure has begun: its row goes last, so that whatever dies in between can be resumed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE organizations ADD COLUMN erasing_since timestamptz`.execute(db);
  await sql`CREATE INDEX organizations_erasing ON organizations (id) WHERE erasing_since IS NOT NULL`.execute(
    db,
  );
}
