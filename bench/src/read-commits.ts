import type { Stack } from "./stack.ts";

/** Asked from another database, so that the question itself does not count. */
export async function readCommits(stack: Stack, databaseUrl: string): Promise<number> {
  const name = new URL(databaseUrl).pathname.slice(1);
  const [row] = await stack.query<{ xact_commit: string }>(
    `SELECT xact_commit FROM pg_stat_database WHERE datname = '${name}'`,
  );
  return Number(row?.xact_commit);
}
