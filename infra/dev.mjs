// `npm run dev`: the databases, then gateway and worker with a restart on every change, until Ctrl-C.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { stopLeftover } from "./apps.mjs";
import { startDatabases, watchDatabases } from "./databases.mjs";
import { appSettings, envFile, writeEnvFile } from "./environment.mjs";
import { aborted, runToEnd } from "./lifecycle.mjs";
import { migrateDatabase } from "./migrate-database.mjs";
import { dataDir, root } from "./paths.mjs";
import { terminate } from "./process.mjs";
import { beTheOnlyOne } from "./single.mjs";
import { prepareTools } from "./toolchain.mjs";

await runToEnd(async ({ onStop, signal }) => {
  await beTheOnlyOne(onStop);
  const tools = await prepareTools({ signal });
  await Promise.all(["gateway", "worker"].map(stopLeftover));
  const databases = await startDatabases({ dir: dataDir, onStop });
  await migrateDatabase(tools, databases.databaseUrl);
  const settings = await appSettings(databases);
  writeEnvFile(settings);
  onStop(() => rmSync(envFile, { force: true }));
  onStop(watchDatabases(databases));
  signal.throwIfAborted();

  // In our process group, so that Ctrl-C reaches it as it reaches us.
  const turbo = spawn(tools.node, [join(root, "node_modules/turbo/bin/turbo"), "dev"], {
    cwd: root,
    env: { ...tools.env, ...settings },
    stdio: "inherit",
  });
  const ended = new Promise((resolve) => turbo.once("exit", (code) => resolve(code ?? 1)));
  onStop(() => terminate(turbo.pid, "SIGTERM", 45_000));
  return Promise.race([ended, aborted(signal)]);
});
