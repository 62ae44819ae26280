/** Brings a database to the newest schema; throws with the command's output. */
export function migrateDatabase(
  tools: { node: string; env: Record<string, string | undefined> },
  databaseUrl: string,
): Promise<void>;
