import { join } from "node:path";
import { Writable } from "node:stream";
import { createLogger, loadConfig } from "@triggers/runtime";
import {
  type ApiClient,
  type AppProcess,
  callApi,
  createApiClient,
  createTestDatabase,
  createTestPrefix,
  eventually,
  startApp,
  testEnvironment,
} from "@triggers/testing";
import { gatewayConfigSchema } from "../src/config.ts";
import { startGateway } from "../src/start-gateway.ts";

export interface TestGateway {
  url: string;
  /** What a second gateway, a worker or a client of the databases needs to stand beside this one. */
  settings: Record<string, string>;
  /** Everything logged so far, at every level. */
  logText(): string;
  createClient(tier?: string): Promise<ApiClient>;
  /** Another gateway on the same databases, by default ready. */
  startAnother(overrides?: Record<string, string>, readiness?: Readiness): Promise<TestGateway>;
  startWorker(): Promise<AppProcess>;
  /** Stops this gateway only. */
  drain(): Promise<void>;
  /** Stops all that was started from here and drops the database. */
  stop(): Promise<void>;
}

type Readiness = "ready" | "without waiting";

const workerEntry = join(import.meta.dirname, "../../worker/src/main.ts");

/** A gateway in this process, ready, on a database and a Redis prefix of its own; settings are given as in the environment. */
export async function startTestGateway(
  overrides: Record<string, string> = {},
  readiness: Readiness = "ready",
): Promise<TestGateway> {
  const database = overrides.DATABASE_URL === undefined ? await createTestDatabase() : undefined;
  const toStop: (() => Promise<unknown>)[] = [];
  const settings = {
    HOST: "127.0.0.1",
    PORT: "0",
    DATABASE_URL: database?.url ?? "",
    REDIS_URL: testEnvironment().redisUrl,
    REDIS_PREFIX: createTestPrefix(),
    SECRET_KEYS: Buffer.alloc(32, 7).toString("base64"),
    SIGNUP: "open",
    SIGNUP_LIMIT_PER_MINUTE: "100000",
    BCRYPT_COST: "4",
    DRAIN_NOTICE_MS: "0",
    LOG_LEVEL: "debug",
    ...overrides,
  };
  const gateway = await start(settings, toStop, readiness);
  return {
    ...gateway,
    async stop() {
      for (const stop of toStop.reverse()) await stop();
      await database?.drop();
    },
  };
}

async function start(
  settings: Record<string, string>,
  toStop: (() => Promise<unknown>)[],
  readiness: Readiness = "ready",
): Promise<Omit<TestGateway, "stop"> & { stop: () => Promise<void> }> {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const logger = createLogger({ level: "debug", service: "gateway", destination });
  const gateway = await startGateway(loadConfig(gatewayConfigSchema, settings), logger);
  let drained: Promise<void> | undefined;
  const drain = () => (drained ??= gateway.drain());
  toStop.push(drain);
  const url = `http://127.0.0.1:${gateway.port}`;
  await eventually(async () => {
    const { text } = await callApi(url, "GET", "/health/ready");
    if (readiness === "ready" && text !== '{"status":"ready"}') throw new Error(text);
  });
  return {
    url,
    settings,
    logText: () => lines.join(""),
    createClient: (tier) => createApiClient(url, tier),
    startAnother: (overrides = {}, wanted = "ready") => start({ ...settings, ...overrides }, toStop, wanted),
    async startWorker() {
      const worker = await startApp(workerEntry, settings);
      toStop.push(() => worker.stop());
      return worker;
    },
    drain,
    stop: drain,
  };
}
