// `npm start`: everything that it takes to try the API, until Ctrl-C.
import { relative } from "node:path";
import { startApp, stopLeftover, waitUntilReady } from "./apps.mjs";
import { startDatabases, watchDatabases, withoutPassword } from "./databases.mjs";
import { appSettings, secretFiles } from "./environment.mjs";
import { UserError, aborted, runToEnd } from "./lifecycle.mjs";
import { migrateDatabase } from "./migrate-database.mjs";
import { dataDir } from "./paths.mjs";
import { isPortFree } from "./ports.mjs";
import { beTheOnlyOne } from "./single.mjs";
import { prepareTools } from "./toolchain.mjs";

await runToEnd(async ({ onStop, signal }) => {
  await beTheOnlyOne(onStop);
  const tools = await prepareTools({ signal });
  await Promise.all(["gateway", "worker"].map(stopLeftover));

  console.log("Starting Postgres and Redis …");
  const databases = await startDatabases({ dir: dataDir, onStop });
  signal.throwIfAborted();
  const settings = await appSettings(databases);
  await mustBeFree("PORT", settings);
  await mustBeFree("WORKER_PORT", settings);
  await migrateDatabase(tools, databases.databaseUrl);
  signal.throwIfAborted();

  console.log("Starting the gateway and the worker …");
  const options = { node: tools.node, env: { ...tools.env, ...settings }, host: settings.HOST };
  const gateway = startApp("gateway", { ...options, port: settings.PORT });
  const worker = startApp("worker", { ...options, port: settings.WORKER_PORT });
  onStop(() => drain([gateway, worker]));
  await Promise.race([Promise.all([waitUntilReady(gateway), waitUntilReady(worker)]), aborted(signal)]);
  signal.throwIfAborted();

  console.log(welcome({ gateway, worker, databases }));
  onStop(watchDatabases(databases));
  await Promise.race([aborted(signal), gateway.diedUnexpectedly, worker.diedUnexpectedly]);
});

async function mustBeFree(name, { [name]: port, HOST }) {
  if (await isPortFree(Number(port), HOST)) return;
  const other = Number(port) + 10;
  throw new UserError(
    `Port ${port} is in use by another program. Stop that one, or choose another port: ${name}=${other} npm start`,
  );
}

async function drain(apps) {
  console.log(
    "\nStopping: the gateway and the worker finish what they have begun (Ctrl-C again cuts that short) …",
  );
  const begun = Date.now();
  const cutShort = () => {
    // One Ctrl-C can arrive twice, from the terminal and from npm.
    if (Date.now() - begun > 1_000) for (const app of apps) void app.stop();
  };
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, cutShort);
  await Promise.all(apps.map((app) => app.stop()));
  console.log("Stopping Postgres and Redis …");
}

function welcome({ gateway, worker, databases }) {
  const here = (file) => relative(process.cwd(), file);
  return `
The Triggers API is running.

  gateway      ${gateway.url}   log: ${here(gateway.logFile)}
  worker       ${worker.url}   log: ${here(worker.logFile)}
  Postgres     ${withoutPassword(databases.databaseUrl)}${databases.postgres ? `   password: ${here(dataDir)}/postgres/password` : ""}
  Redis        ${withoutPassword(databases.redisUrl)}${databases.redis ? `   password: ${here(dataDir)}/redis/password` : ""}
  admin token  ${here(secretFiles.adminToken)}

Make an API key:

  curl -s -X POST ${gateway.url}/api/keys/generate -H 'content-type: application/json' -d '{"organization_name":"Acme"}'

Ctrl-C stops it all. The data stays in ${here(dataDir)}/; without that folder the next start is fresh.
`;
}
