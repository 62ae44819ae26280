import { Kysely, PostgresDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";
import type { Database } from "./connect.ts";
import { migrations } from "./migrations/index.ts";

/**
 * Brings the schema up to date under an advisory lock, so that any number of starts at once do it once.
 * Returns the names of what was applied.
 */
export async function migrateToLatest(url: string): Promise<string[]> {
  // A connection of its own: the pool's timeouts must not cut a long migration.
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: "triggers-migrate" });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) } });
    const { error, results } = await migrator.migrateToLatest();
    if (error !== undefined) throw new Error("the migration failed", { cause: error });
    return (results ?? []).map(({ migrationName }) => migrationName);
  } finally {
    await db.destroy();
  }
}

/** A schema may be ahead of the code (a rolling update migrates first) but never behind it. */
export async function findMissingMigrations(db: Database): Promise<string[]> {
  const known = await sql<{
    exists: boolean;
  }>`SELECT to_regclass('kysely_migration') IS NOT NULL AS exists`.execute(db);
  if (!known.rows[0]?.exists) return Object.keys(migrations);
  const applied = await sql<{ name: string }>`SELECT name FROM kysely_migration`.execute(db);
  const names = new Set(applied.rows.map(({ name }) => name));
  return Object.keys(migrations).filter((name) => !names.has(name));
}
