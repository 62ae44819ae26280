import { randomBytes } from "node:crypto";
import pg from "pg";
import { testEnvironment } from "./test-environment.ts";

export interface TestDatabase {
  url: string;
  drop(): Promise<void>;
}

/** A database of the test file's own, cloned from the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { databaseUrl } = testEnvironment();
  const name = `test_${randomBytes(6).toString("hex")}`;
  await runAsAdmin(databaseUrl, `CREATE DATABASE ${name} TEMPLATE triggers_template`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runAsAdmin(databaseUrl, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function runAsAdmin(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Two clones of one template at the same moment refuse each other: one after the other, across processes.
    await client.query("SELECT pg_advisory_lock(1)");
    await client.query(statement);
  } finally {
    await client.end();
  }
}
