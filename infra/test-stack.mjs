import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { dataDir } from "./paths.mjs";
import { startPostgres } from "./postgres.mjs";
import { isRunning } from "./process.mjs";
import { startRedis } from "./redis.mjs";
import { migrateDatabase } from "./migrate-database.mjs";

const runsDir = join(dataDir, "test");

/**
 * Databases for one test run only, so that it disturbs neither a running `npm start` nor another run.
 * @param {{node: string, env: NodeJS.ProcessEnv}} tools
 * @param {(close: () => unknown) => void} onStop
 * @returns {Promise<Record<string, string>>} settings for Jest
 */
export async function startTestStack(tools, onStop) {
  await removeDeadRuns();
  const dir = join(runsDir, String(process.pid));
  mkdirSync(dir, { recursive: true });
  onStop(() => rmSync(dir, { recursive: true, force: true }));

  const postgres = await startPostgres({ dataDir: join(dir, "postgres"), databases: ["triggers_template"] });
  onStop(postgres.stop);
  const redis = await startRedis({ dataDir: join(dir, "redis") });
  onStop(redis.stop);
  await migrateDatabase(tools, postgres.urlOf("triggers_template"));
  return { TEST_DATABASE_URL: postgres.urlOf("postgres"), TEST_REDIS_URL: redis.url };
}

/** A run that was killed leaves its databases running: takes them over in order to stop them. */
async function removeDeadRuns() {
  mkdirSync(runsDir, { recursive: true });
  for (const name of readdirSync(runsDir)) {
    if (isRunning(Number(name))) continue;
    const dir = join(runsDir, name);
    const present = readdirSync(dir);
    if (present.includes("postgres"))
      await startPostgres({ dataDir: join(dir, "postgres") }).then((server) => server.stop());
    if (present.includes("redis"))
      await startRedis({ dataDir: join(dir, "redis") }).then((server) => server.stop());
    rmSync(dir, { recursive: true, force: true });
  }
}
