import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCluster } from "./postgres-init.mjs";
import { acceptsPostgresClients } from "./postgres-ready.mjs";
import { postgresHome } from "./postgres-user.mjs";
import { freePort } from "./ports.mjs";
import { isRunning, sendSignal, spawnDetached, tail, terminate, waitUntil } from "./process.mjs";
import { ownSecret } from "./secret.mjs";

/** Many connections: every test file has pools of its own. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  fsync: "on",
  synchronous_commit: "on",
  // After a crash: one call for the whole disk instead of one for each of a thousand files, ten times faster.
  recovery_init_sync_method: "syncfs",
  max_connections: "200",
  timezone: "UTC",
  log_timezone: "UTC",
};

const STARTUP_TIMEOUT_MS = 60_000;

/** See postgres.d.mts. */
export async function startPostgres({
  dataDir: folder,
  port: wantedPort,
  databases = ["triggers"],
  settings = {},
}) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(folder); // one spelling: the running server is recognised by it
  const home = postgresHome(dataDir);
  const password = ownSecret(join(dataDir, "password"));
  await makeCluster(home, password, databases);

  const running = findPostmaster(home.cluster);
  if (running !== undefined && wantedPort !== undefined && running.port !== wantedPort)
    await terminate(running.pid, "SIGINT", 20_000);
  const portFile = join(dataDir, "port");
  const remembered = existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : undefined;
  const port = wantedPort ?? running?.port ?? (await freePort(remembered));
  writeFileSync(portFile, String(port));

  const pid = await launch({
    home,
    port,
    settings: { ...SETTINGS, ...settings },
    logFile: join(dataDir, "postgres.log"),
  });
  const urlOf = (database) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  return {
    url: urlOf(databases[0]),
    urlOf,
    port,
    pid,
    kill: (signal) => sendSignal(pid, signal),
    // By its files, not by the pid: someone may have killed and restarted it since.
    stop: async () => {
      const postmaster = findPostmaster(home.cluster);
      if (postmaster !== undefined) await terminate(postmaster.pid, "SIGINT", 20_000); // fast shutdown
    },
  };
}

async function launch({ home, port, settings, logFile }) {
  const end = Date.now() + STARTUP_TIMEOUT_MS;
  for (;;) {
    const running = findPostmaster(home.cluster);
    const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
    const pid = running?.pid ?? spawnPostgres({ home, port, settings, logFile });
    await waitUntil(async () => !isRunning(pid) || (await acceptsPostgresClients(port)), end - Date.now());
    if (isRunning(pid) && (await acceptsPostgresClients(port))) return pid;

    const log = readFileSync(logFile, "utf8").slice(logStart);
    // Killed a moment ago, or its children have not noticed yet and hold the memory or the files: they end by themselves.
    const isInTheWay =
      !isRunning(pid) && (running !== undefined || /still in use|lock file .* already exists/.test(log));
    if (!isInTheWay || Date.now() > end)
      throw new Error(`Postgres does not start. The end of ${logFile}:\n${tail(logFile)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function spawnPostgres({ home, port, settings, logFile }) {
  const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const command = [
    ...home.prefix,
    join(home.bin, "postgres"),
    "-D",
    home.cluster,
    "-p",
    String(port),
    ...options,
  ];
  const { pid } = spawnDetached(command, { logFile, cwd: "/", ...home.user });
  if (pid === undefined) throw new Error(`Cannot run ${command[0]}.`);
  return pid;
}

/**
 * The running server of these files. The pid in `postmaster.pid` may be another process by now; then the file is in
 * the way and goes.
 */
function findPostmaster(cluster) {
  const pidFile = join(cluster, "postmaster.pid");
  if (!existsSync(pidFile)) return undefined;
  const [pid, , , port] = readFileSync(pidFile, "utf8").split("\n").map(Number);
  if (!(pid > 0) || !isRunning(pid)) return undefined;
  if (readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(cluster)) return { pid, port };
  rmSync(pidFile, { force: true });
  return undefined;
}
