// `npm run chaos`: kills, freezes and starves gateway, worker, Redis and Postgres under load, and counts what is lost.
// `npm run chaos -- --only R2 --seed 7`; `--quick` takes two minutes; `--seeded` shows that it sees a loss. See
// chaos/README.md.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { aborted, runToEnd } from "./lifecycle.mjs";
import { dataDir, root } from "./paths.mjs";
import { startPostgres } from "./postgres.mjs";
import { isRunning, terminate } from "./process.mjs";
import { startRedis } from "./redis.mjs";
import { prepareTools } from "./toolchain.mjs";

const folder = join(dataDir, "chaos/runs", String(process.pid));

await runToEnd(async ({ onStop, signal }) => {
  const tools = await prepareTools({ signal });
  for (const run of runFolders().filter((name) => !isRunning(Number(name)))) await removeRun(run);
  signal.throwIfAborted();
  const args = process.argv.slice(2);
  const isSeeded = args.includes("--seeded");
  const entry = isSeeded ? "chaos/seeded-bugs/run.mjs" : "chaos/src/main.ts";
  const chaos = spawn(tools.node, [join(root, entry), ...args.filter((arg) => arg !== "--seeded")], {
    cwd: root,
    env: { ...tools.env, CHAOS_FOLDER: folder },
    stdio: "inherit",
  });
  const ended = new Promise((resolve) => chaos.once("exit", (code) => resolve(code ?? 1)));
  onStop(async () => {
    await terminate(chaos.pid, "SIGTERM", 30_000);
    await removeRun(String(process.pid));
  });
  return Promise.race([ended, aborted(signal)]);
});

function runFolders() {
  const runs = join(dataDir, "chaos/runs");
  return existsSync(runs) ? readdirSync(runs) : [];
}

/** Servers that a killed run left are taken over in order to stop them. */
async function removeRun(run) {
  const runs = join(dataDir, "chaos/runs", run);
  for (const scenario of existsSync(runs) ? readdirSync(runs) : []) {
    const data = join(runs, scenario);
    if (existsSync(join(data, "postgres/cluster")))
      await startPostgres({ dataDir: join(data, "postgres") }).then((server) => server.stop());
    const group = join(data, "redis-group");
    const servers = [data, group]
      .filter((folder) => existsSync(folder))
      .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
    for (const dataDir of servers.filter((folder) => existsSync(join(folder, "redis.conf"))))
      await startRedis({ dataDir }).then((server) => server.stop());
  }
  rmSync(runs, { recursive: true, force: true });
}
