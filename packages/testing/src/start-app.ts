import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface AppProcess {
  pid: number;
  /** Where it listens: the API of a gateway, the health routes of a worker. */
  url: string;
  /** Every line it printed, parsed where it is JSON. */
  log: Record<string, unknown>[];
  kill(signal: NodeJS.Signals): void;
  /** The exit code, or the signal that ended it. */
  exited: Promise<number | string>;
  /** SIGTERM, then its end. */
  stop(): Promise<number | string>;
}

/**
 * Runs an app's entry as a process of its own and waits until it listens. Settings with defaults fit for tests are
 * set; `settings` adds and overrides.
 */
export async function startApp(
  entry: string,
  settings: Record<string, string>,
  args: readonly string[] = [],
): Promise<AppProcess> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", entry, ...args], {
    env: {
      PATH: process.env.PATH,
      HOST: "127.0.0.1",
      PORT: "0",
      WORKER_PORT: "0",
      SIGNUP: "open",
      SIGNUP_LIMIT_PER_MINUTE: "100000",
      BCRYPT_COST: "4",
      WEBHOOK_ALLOWED_CIDRS: "127.0.0.0/8,::1/128",
      SECRET_KEYS: Buffer.alloc(32, 7).toString("base64"),
      UV_THREADPOOL_SIZE: "8",
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
  const log: Record<string, unknown>[] = [];
  const port = await listeningPort(child, log, exited);
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    log,
    exited,
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

function listeningPort(
  child: ChildProcess,
  log: Record<string, unknown>[],
  exited: Promise<number | string>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        const entry = parseLine(line);
        log.push(entry);
        if (entry.message === "listening") resolve(Number(entry.port));
      });
    }
    void exited.then((code) =>
      reject(new Error(`the app ended with ${code}: ${JSON.stringify(log.slice(-5))}`)),
    );
  });
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { message: line };
  }
}
