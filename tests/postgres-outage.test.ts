import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateToLatest } from "@triggers/db";
import { type ApiClient, type AppProcess, eventually, type Receiver } from "@triggers/testing";
import { type Postgres, startPostgres } from "../infra/postgres.mjs";
import { publishMany, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-postgres-"));
let postgres: Postgres;
let system: System;
let receiver: Receiver;
let client: ApiClient;
let worker: AppProcess;

beforeAll(async () => {
  postgres = await startPostgres({ dataDir, settings: { max_connections: "50" } });
  await migrateToLatest(postgres.url);
  system = await startSystem({ databaseUrl: postgres.url });
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
  worker = await system.startWorker();
  await publishOne(client);
}, 60_000);

afterAll(async () => {
  await system.stop();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test.each([
  ["stopped", () => postgres.stop()],
  [
    "killed with -9",
    () => {
      postgres.kill("SIGKILL");
      return Promise.resolve();
    },
  ],
])(
  "with Postgres %s a known key still gets its 202, and everything is persisted and delivered when it is back",
  async (_how, end) => {
    const published = publishMany(client, 400);
    await end();
    const during = await publishMany(client, 100);
    const ids = [...(await published), ...during];

    postgres = await startPostgres({ dataDir, port: postgres.port, settings: { max_connections: "50" } });
    await eventually(async () => {
      const stored = await system.db
        .selectFrom("events")
        .select("id")
        .where("delivery_status", "=", "delivered")
        .execute();
      const delivered = new Set(stored.map(({ id }) => id));
      expect(ids.filter((id) => !delivered.has(id))).toEqual([]);
    }, 40_000);
    const times = new Map<string, number>();
    for (const { headers } of receiver.received) {
      const id = String(headers["webhook-id"]);
      times.set(id, (times.get(id) ?? 0) + 1);
    }
    expect(ids.filter((id) => !times.has(id))).toEqual([]);
  },
  90_000,
);

test("a worker that starts while Postgres is away begins its work when it is back", async () => {
  expect(await worker.stop()).toBe(0);
  const ids = await publishMany(client, 50);
  await postgres.stop();
  worker = await system.startWorker();
  await eventually(() => expect(worker.log.map(({ message }) => message)).toContain("waiting for postgres"));
  postgres = await startPostgres({ dataDir, port: postgres.port, settings: { max_connections: "50" } });
  await eventually(() => {
    const received = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
    expect(ids.filter((id) => !received.has(id))).toEqual([]);
  });
}, 60_000);
