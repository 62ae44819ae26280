// `npm run stack`: only the databases, until Ctrl-C. Beside a running stack: starts again what is missing of it.
import { rmSync } from "node:fs";
import { relative } from "node:path";
import { startDatabases, watchDatabases, withoutPassword } from "./databases.mjs";
import { appSettings, envFile, writeEnvFile } from "./environment.mjs";
import { aborted, runToEnd } from "./lifecycle.mjs";
import { migrateDatabase } from "./migrate-database.mjs";
import { dataDir } from "./paths.mjs";
import { findOtherOrLock } from "./single.mjs";
import { prepareTools } from "./toolchain.mjs";

await runToEnd(async ({ onStop, signal }) => {
  const tools = await prepareTools({ signal });
  const isOnlyOne = (await findOtherOrLock(onStop)) === undefined;
  const databases = await startDatabases({ dir: dataDir, onStop: isOnlyOne ? onStop : () => {} });
  console.log(
    `Postgres  ${withoutPassword(databases.databaseUrl)}\nRedis     ${withoutPassword(databases.redisUrl)}`,
  );
  if (!isOnlyOne) return;

  await migrateDatabase(tools, databases.databaseUrl);
  writeEnvFile(await appSettings(databases));
  onStop(() => rmSync(envFile, { force: true }));
  onStop(watchDatabases(databases));
  console.log(
    `\nWith passwords: ${relative(process.cwd(), envFile)}, which \`npx turbo dev\` reads. Ctrl-C stops both.`,
  );
  await aborted(signal);
});
