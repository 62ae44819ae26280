import { createDatabase, type Database } from "@triggers/db";
import {
  type ApiClient,
  type AppProcess,
  createApiClient,
  createTestDatabase,
  createTestPrefix,
  type Receiver,
  type Respond,
  startApp,
  startReceiver,
  testEnvironment,
} from "@triggers/testing";
import type { FaultPoint } from "../apps/worker/src/fault-points.ts";

type Settings = Record<string, string>;

/** The whole system as processes, on a database and a key prefix of its own. */
export interface System {
  db: Database;
  prefix: string;
  databaseUrl: string;
  redisUrl: string;
  gateway: AppProcess;
  startGateway(settings?: Settings): Promise<AppProcess>;
  startWorker(settings?: Settings): Promise<AppProcess>;
  /** A worker that kills itself at this point, by default the first time. */
  startCrashWorker(point: FaultPoint, settings?: Settings): Promise<AppProcess>;
  /** A worker that freezes at this point, the `nth` time, until it gets a SIGCONT; it logs "pausing" before. */
  startPausingWorker(point: FaultPoint, nth: number, settings?: Settings): Promise<AppProcess>;
  startReceiver(respond?: Respond): Promise<Receiver>;
  /** A client of a new organization whose webhook goes to this URL. */
  createClient(webhookUrl?: string): Promise<ApiClient & { signingSecret: string }>;
  stop(): Promise<void>;
}

/** What takes many seconds in production. A lock must still outlast the pauses of a busy machine. */
const hurried: Settings = {
  JOB_LOCK_MS: "2000",
  STALLED_CHECK_MS: "200",
  CLAIM_MS: "900",
  SWEEP_INTERVAL_MS: "200",
  LOG_LEVEL: "debug",
};

const entryOf = (path: string) => new URL(path, import.meta.url).pathname;

/**
 * The URLs name databases that a test owns and may kill; else it gets its part of the shared ones. `settings` are those of
 * every process.
 */
export async function startSystem(
  urls: { databaseUrl?: string; redisUrl?: string; settings?: Settings } = {},
): Promise<System> {
  const closers: (() => Promise<unknown>)[] = [];
  const own = urls.databaseUrl === undefined ? await createTestDatabase() : undefined;
  if (own) closers.push(() => own.drop());
  const databaseUrl = urls.databaseUrl ?? own?.url ?? "";
  const redisUrl = urls.redisUrl ?? testEnvironment().redisUrl;
  const prefix = createTestPrefix();
  const db = createDatabase({
    url: databaseUrl,
    applicationName: "tests",
    maxConnections: 3,
    onConnectionError: () => undefined,
  });
  closers.push(() => db.destroy());

  const start = async (entry: string, settings: Settings, args: string[] = []) => {
    const stack = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, REDIS_PREFIX: prefix, ...urls.settings };
    const app = await startApp(entryOf(entry), { ...stack, ...settings }, args);
    closers.push(async () => {
      app.kill("SIGKILL");
      await app.exited;
    });
    return app;
  };
  const gateway = await start("../apps/gateway/src/main.ts", {});

  return {
    db,
    prefix,
    databaseUrl,
    redisUrl,
    gateway,
    startGateway: (settings = {}) => start("../apps/gateway/src/main.ts", settings),
    startWorker: (settings = {}) => start("../apps/worker/src/main.ts", { ...hurried, ...settings }),
    startCrashWorker: (point, settings = {}) =>
      start("crash-worker.ts", { ...hurried, ...settings }, [point]),
    startPausingWorker: (point, nth, settings = {}) =>
      start("crash-worker.ts", { ...hurried, ...settings }, [point, String(nth), "SIGSTOP"]),
    async startReceiver(respond) {
      const receiver = await startReceiver(respond);
      closers.push(() => receiver.close());
      return receiver;
    },
    async createClient(webhookUrl) {
      const client = await createApiClient(gateway.url);
      if (webhookUrl === undefined) return { ...client, signingSecret: "" };
      const saved = await client.request("POST", "/api/webhook/config", { webhook_url: webhookUrl });
      if (saved.status !== 200) throw new Error(`no webhook was configured: ${saved.text}`);
      return { ...client, signingSecret: (saved.body as { signing_secret: string }).signing_secret };
    },
    async stop() {
      for (const close of closers.reverse()) await close();
    },
  };
}
