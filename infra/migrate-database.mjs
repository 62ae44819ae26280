import { join } from "node:path";
import { UserError } from "./lifecycle.mjs";
import { root } from "./paths.mjs";
import { runCommand } from "./process.mjs";

/**
 * Brings a database to the newest schema.
 * @param {{node: string, env: NodeJS.ProcessEnv}} tools
 * @param {string} databaseUrl
 */
export async function migrateDatabase({ node, env }, databaseUrl) {
  const command = [node, join(root, "packages/db/src/migrate.ts")];
  const { code, output } = await runCommand(command, {
    cwd: root,
    env: { ...env, DATABASE_URL: databaseUrl },
  });
  if (code !== 0) throw new UserError(`The database could not be migrated:\n${output}`);
}
