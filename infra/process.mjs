import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";

/**
 * Says which process has this pid now: the same number means another process after a restart of it or of the machine.
 * Undefined when there is none, or only a zombie.
 * @param {number} pid
 * @returns {string | undefined}
 */
export function processIdentity(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}:${pid}:${fields[19]}`;
  } catch {
    return undefined; // no such process
  }
}

/** @param {number} pid */
export function isRunning(pid) {
  return processIdentity(pid) !== undefined;
}

/**
 * Sends a signal; a process that is gone already is fine.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
export function sendSignal(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== "ESRCH") throw error;
  }
}

/**
 * Sends a signal, waits for the process to end, and kills it when it does not.
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 * @param {number} timeoutMs
 */
export async function terminate(pid, signal, timeoutMs) {
  const identity = processIdentity(pid);
  if (identity === undefined) return;
  sendSignal(pid, signal);
  const isGone = () => processIdentity(pid) !== identity;
  if (await waitUntil(isGone, timeoutMs)) return;
  sendSignal(pid, "SIGKILL");
  await waitUntil(isGone, 5_000);
}

/**
 * Asks again and again; false when the time is over.
 * @param {() => boolean | Promise<boolean>} isTrue
 * @param {number} timeoutMs
 * @param {number} [intervalMs]
 */
export async function waitUntil(isTrue, timeoutMs, intervalMs = 30) {
  const end = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
  }
  return true;
}

/**
 * Starts a process in a session of its own, so that Ctrl-C reaches only the launcher, and with a file as its output,
 * so that it can go on writing when the launcher is killed.
 * @param {string[]} command
 * @param {{logFile: string, cwd?: string, env?: NodeJS.ProcessEnv, uid?: number, gid?: number}} options
 */
export function spawnDetached([program, ...args], { logFile, ...options }) {
  const log = openSync(logFile, "a", 0o600);
  try {
    const child = spawn(program, args, { ...options, detached: true, stdio: ["ignore", log, log] });
    child.once("error", () => {}); // no such program: the pid is undefined, and the caller says what that means
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/**
 * Runs a command to its end. Output is returned, or goes straight to the terminal with `stdio: "inherit"`.
 * @param {string[]} command
 * @param {import("node:child_process").SpawnOptions & {input?: string}} [options]
 * @returns {Promise<{code: number, output: string}>}
 */
export function runCommand([program, ...args], { input, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      ...options,
    });
    let output = "";
    child.stdout?.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (output += chunk));
    child.stdin?.on("error", () => {}).end(input); // the exit code tells why it stopped reading
    child.once("error", (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/**
 * The last lines of a file; empty when it is not there.
 * @param {string} file
 * @param {number} [lines]
 */
export function tail(file, lines = 20) {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "";
  }
}
