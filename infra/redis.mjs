import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { freePort } from "./ports.mjs";
import { isRunning, sendSignal, spawnDetached, tail, terminate, waitUntil } from "./process.mjs";
import { findRedis } from "./redis-binary.mjs";
import { ownSecret } from "./secret.mjs";

/** Reading a large append-only file takes its time. */
const STARTUP_TIMEOUT_MS = 120_000;

/** See redis.d.mts. */
export async function startRedis({ dataDir: folder, port: wantedPort, settings = {} }) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(folder); // one spelling: the running server is recognised by it
  const password = ownSecret(join(dataDir, "password"));

  let running = findServer(dataDir);
  const portFile = join(dataDir, "port");
  const remembered = existsSync(portFile) ? Number(readFileSync(portFile, "utf8")) : undefined;
  if (running !== undefined && wantedPort !== undefined && remembered !== wantedPort) {
    await terminate(running, "SIGTERM", 20_000);
    running = undefined;
  }
  const port = wantedPort ?? (running === undefined ? await freePort(remembered) : remembered);
  writeFileSync(portFile, String(port));
  writeConfig({ dataDir, port, password, settings });

  const pid = await launch({ dataDir, port, password });
  return { url: `redis://:${password}@127.0.0.1:${port}`, ...serverOf({ dataDir, port, pid }) };
}

/** See redis.d.mts. */
export async function startSentinel({ dataDir: folder, lines }) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const dataDir = realpathSync(folder);
  const port = await freePort();
  const config = ["bind 127.0.0.1", `port ${port}`, `dir "${dataDir}"`, ...lines];
  writeFileSync(join(dataDir, "redis.conf"), `${config.join("\n")}\n`, { mode: 0o600 });
  const pid = await launch({ dataDir, port, args: ["--sentinel"] });
  return serverOf({ dataDir, port, pid });
}

function serverOf({ dataDir, port, pid }) {
  return {
    port,
    pid,
    kill: (signal) => sendSignal(pid, signal),
    // By its folder, not by the pid: someone may have killed and restarted it since.
    stop: async () => {
      const server = findServer(dataDir);
      if (server !== undefined) await terminate(server, "SIGTERM", 20_000);
    },
  };
}

function writeConfig({ dataDir, port, password, settings }) {
  const own = { port, dir: `"${dataDir}"`, requirepass: password, ...settings };
  const lines = [
    `include "${join(root, "infra/redis.conf")}"`,
    ...Object.entries(own).map(([name, value]) => `${name} ${value}`),
  ];
  writeFileSync(join(dataDir, "redis.conf"), `${lines.join("\n")}\n`, { mode: 0o600 });
}

async function launch({ dataDir, port, password, args = [] }) {
  const logFile = join(dataDir, "redis.log");
  const end = Date.now() + STARTUP_TIMEOUT_MS;
  for (;;) {
    const running = findServer(dataDir);
    const pid = running ?? (await spawnRedis(dataDir, logFile, args));
    await waitUntil(async () => !isRunning(pid) || (await answersPing(port, password)), end - Date.now());
    if (isRunning(pid) && (await answersPing(port, password))) return pid;
    // A server that was killed a moment ago may still have looked alive.
    const wasDying = running !== undefined && !isRunning(pid);
    if (!wasDying || Date.now() > end)
      throw new Error(`Redis does not start. The end of ${logFile}:\n${tail(logFile)}`);
  }
}

async function spawnRedis(dataDir, logFile, args) {
  const { program, env } = await findRedis();
  const { pid } = spawnDetached([program, join(dataDir, "redis.conf"), ...args], {
    logFile,
    cwd: dataDir,
    env,
  });
  if (pid === undefined) throw new Error(`Cannot run ${program}.`);
  return pid;
}

/** Looked up among the processes: a pid file is written a moment late, and two servers on one folder would ruin it. */
function findServer(dataDir) {
  return readdirSync("/proc")
    .map(Number)
    .find((pid) => pid > 0 && isRunning(pid) && isServerOf(pid, dataDir));
}

function isServerOf(pid, dataDir) {
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === dataDir &&
      /^(redis|valkey)-(server|sentinel)/.test(readFileSync(`/proc/${pid}/comm`, "utf8"))
    );
  } catch {
    return false; // ended in between, or somebody else's
  }
}

/** While it reads its file it answers LOADING. */
function answersPing(port, password) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    let reply = "";
    const answer = (isReady) => {
      socket.destroy();
      resolve(isReady);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once("error", () => answer(false));
    socket.once("close", () => answer(false));
    const login = password === undefined ? "" : `AUTH ${password}\r\n`;
    socket.once("connect", () => socket.write(`${login}PING\r\n`));
    socket.on("data", (chunk) => {
      reply += chunk;
      if (reply.split("\r\n").length > (password === undefined ? 1 : 2)) answer(reply.includes("+PONG"));
    });
  });
}
