import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { migrateToLatest } from "@triggers/db";
import { type AppProcess, callApi, createApiClient, eventually, type Receiver } from "@triggers/testing";
import { startPostgres } from "../infra/postgres.mjs";
import { startRedis } from "../infra/redis.mjs";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-order-"));
const folder = (name: string) => join(dataDir, name);
let redis: Awaited<ReturnType<typeof startRedis>>;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let system: System;
let worker: AppProcess;
let receiver: Receiver;

const both = () => [system.gateway, worker];
async function expectReady(status: number, expected: object) {
  for (const { url } of both()) {
    await eventually(async () => {
      const answer = await callApi(url, "GET", "/health/ready");
      expect([answer.status, answer.body]).toEqual([status, expect.objectContaining(expected)]);
    }, 30_000);
  }
}

beforeAll(async () => {
  // Made once, so that their addresses and passwords are known; then both are away.
  postgres = await startPostgres({ dataDir: folder("postgres") });
  await migrateToLatest(postgres.url);
  redis = await startRedis({ dataDir: folder("redis") });
  await Promise.all([postgres.stop(), redis.stop()]);
  system = await startSystem({ databaseUrl: postgres.url, redisUrl: redis.url });
  worker = await system.startWorker();
  receiver = await system.startReceiver();
}, 60_000);
afterAll(async () => {
  await system.stop();
  await redis.stop();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test("apps that start before Redis and Postgres say what they wait for, in the probe and in the log", async () => {
  await expectReady(503, { status: "not_ready", down: ["redis", "postgres"] });
  for (const { log } of both()) {
    await eventually(() => {
      const messages = log.map(({ message }) => message);
      expect(messages).toEqual(expect.arrayContaining(["waiting for postgres", "redis connection failed"]));
    });
  }
});

test("Postgres may come first: they serve what needs no Redis", async () => {
  postgres = await startPostgres({ dataDir: folder("postgres"), port: postgres.port });
  await expectReady(200, { status: "degraded", down: ["redis"] });
}, 60_000);

test("with Redis too they are ready by themselves, and an event goes all the way", async () => {
  redis = await startRedis({ dataDir: folder("redis"), port: redis.port });
  await expectReady(200, { status: "ready" });
  const client = await createApiClient(system.gateway.url);
  await client.request("POST", "/api/webhook/config", { webhook_url: receiver.url });
  const id = await publishOne(client);
  await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === id);
}, 60_000);

test("after Redis has moved to a new process on the same address, idle workers take jobs again", async () => {
  const client = await createApiClient(system.gateway.url);
  await client.request("POST", "/api/webhook/config", { webhook_url: receiver.url });
  for (let move = 0; move < 2; move += 1) {
    redis.kill("SIGKILL");
    redis = await startRedis({ dataDir: folder("redis"), port: redis.port });
    const id = await eventually(() => publishOne(client), 20_000);
    await receiver.waitFor(1, ({ headers }) => headers["webhook-id"] === id);
  }
  await expectReady(200, { status: "ready" });
}, 60_000);
