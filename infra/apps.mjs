import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "./lifecycle.mjs";
import { echoProblems } from "./log-echo.mjs";
import { dataDir, root } from "./paths.mjs";
import {
  isRunning,
  processIdentity,
  sendSignal,
  spawnDetached,
  tail,
  terminate,
  waitUntil,
} from "./process.mjs";

/** The apps drain for 40 s at most; the rest is for their exit. */
const DRAIN_TIMEOUT_MS = 43_000;
const READY_TIMEOUT_MS = 60_000;

const logDir = join(dataDir, "logs");
const pidFileOf = (id) => join(dataDir, `${id}.pid`);
const logFileOf = (id) => join(logDir, `${id}.log`);

/**
 * Starts `apps/<name>`. Its output goes to a file; warnings and errors also to the terminal.
 * @param {string} name
 * @param {{node: string, env: NodeJS.ProcessEnv, port: string, host: string, id?: string}} options `id` names its
 *   files, where the same app may run twice
 */
export function startApp(name, { node, env, port, host, id = name }) {
  mkdirSync(logDir, { recursive: true });
  const logFile = logFileOf(id);
  if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
  const main = join(root, "apps", name, "src/main.ts");
  const child = spawnDetached([node, main], { logFile, cwd: root, env });
  writeFileSync(pidFileOf(id), JSON.stringify({ pid: child.pid, identity: processIdentity(child.pid) }));
  const stopEcho = echoProblems(name, logFile);

  let isStopping = false;
  const diedUnexpectedly = new Promise((_, reject) => {
    child.once("exit", (code, signal) => {
      if (isStopping) return;
      reject(
        new UserError(`The ${name} has ended (${signal ?? code}). The end of ${logFile}:\n${tail(logFile)}`),
      );
    });
  });
  diedUnexpectedly.catch(() => {}); // whoever waits for it sees it

  return {
    pid: child.pid,
    url: `http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}:${port}`,
    logFile,
    diedUnexpectedly,
    /** SIGTERM; a second call kills. */
    stop: async () => {
      if (isStopping) return sendSignal(child.pid, "SIGKILL");
      isStopping = true;
      await terminate(child.pid, "SIGTERM", DRAIN_TIMEOUT_MS);
      stopEcho();
      rmSync(pidFileOf(id), { force: true });
    },
  };
}

/** @param {ReturnType<typeof startApp>} app */
export async function waitUntilReady(app) {
  const isReady = waitUntil(() => answersReady(app.url), READY_TIMEOUT_MS, 100);
  if (await Promise.race([isReady, app.diedUnexpectedly])) return;
  throw new UserError(
    `${app.url}/health/ready does not become ready. The end of ${app.logFile}:\n${tail(app.logFile)}`,
  );
}

async function answersReady(url) {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false; // not listening yet
  }
}

/**
 * Stops an app that a killed launcher left behind.
 * @param {string} id
 */
export async function stopLeftover(id) {
  if (!existsSync(pidFileOf(id))) return;
  const { pid, identity } = JSON.parse(readFileSync(pidFileOf(id), "utf8"));
  if (isRunning(pid) && processIdentity(pid) === identity) {
    console.log(`Stopping the ${id} that an earlier start left behind (process ${pid}) …`);
    await terminate(pid, "SIGTERM", DRAIN_TIMEOUT_MS);
  }
  rmSync(pidFileOf(id));
}
