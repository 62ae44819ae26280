import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiClient, type AppProcess, eventually, type Receiver } from "@triggers/testing";
import { Redis as RedisClient } from "ioredis";
import { type Redis, startRedis } from "../infra/redis.mjs";
import { publishMany, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-redis-"));
let redis: Redis;
let system: System;
let receiver: Receiver;
let client: ApiClient;
let worker: AppProcess;

beforeAll(async () => {
  redis = await startRedis({ dataDir });
  system = await startSystem({ redisUrl: redis.url });
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
  worker = await system.startWorker();
}, 60_000);

afterAll(async () => {
  await system.stop();
  await redis.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Answer {
  status: number;
  id: string | undefined;
  durationMs: number;
}

/** Clients that publish without a pause until they are stopped. */
function publishWithoutPause(clients: number) {
  const answers: Answer[] = [];
  let isStopped = false;
  const sender = async () => {
    while (!isStopped) {
      const startedAt = performance.now();
      const answer = await client.publish({ type: "order.created", payload: { sent: answers.length } });
      const { id } = answer.body as { id?: string };
      answers.push({ status: answer.status, id, durationMs: performance.now() - startedAt });
    }
  };
  const senders = Array.from({ length: clients }, sender);
  return {
    answers,
    count: (status: number) => answers.filter((answer) => answer.status === status).length,
    async stop() {
      isStopped = true;
      await Promise.all(senders);
    },
  };
}

describe("kill -9 of Redis and its restart", () => {
  test("loses no acknowledged event; refusals come within a second; all goes on by itself", async () => {
    const publishing = publishWithoutPause(4);
    for (let kill = 1; kill <= 3; kill += 1) {
      const accepted = publishing.count(202);
      await eventually(() => expect(publishing.count(202)).toBeGreaterThan(accepted + 100));
      const refused = publishing.count(503);
      redis.kill("SIGKILL");
      await eventually(() => expect(publishing.count(503)).toBeGreaterThan(refused + 10));
      redis = await startRedis({ dataDir, port: redis.port });
    }
    const accepted = publishing.count(202);
    await eventually(() => expect(publishing.count(202)).toBeGreaterThan(accepted + 100));
    await publishing.stop();

    expect(new Set(publishing.answers.map(({ status }) => status))).toEqual(new Set([202, 503]));
    const slowest = Math.max(...publishing.answers.map(({ durationMs }) => durationMs));
    expect(slowest).toBeLessThan(1_000);
    const acknowledged = publishing.answers.flatMap(({ status, id }) => (status === 202 && id ? [id] : []));
    await eventually(async () => {
      const stored = new Set(
        (await system.db.selectFrom("events").select("id").execute()).map(({ id }) => id),
      );
      expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    }, 30_000);
    await eventually(() => {
      const received = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
      expect(acknowledged.filter((id) => !received.has(id))).toEqual([]);
    }, 30_000);
  }, 120_000);

  test("a Redis that answers nothing at all is a 503 within a second, and a 202 soon after it goes on", async () => {
    redis.kill("SIGSTOP");
    try {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const startedAt = performance.now();
        expect((await client.publish({ type: "order.created", payload: {} })).status).toBe(503);
        expect(performance.now() - startedAt).toBeLessThan(1_000);
      }
    } finally {
      redis.kill("SIGCONT");
    }
    await eventually(() => publishOne(client));
  });
});

test("a Redis that lost everything loses no delivery: the sweeper makes the jobs anew from Postgres", async () => {
  // Close enough for the retry to wait in Redis.
  await system.db
    .updateTable("endpoints")
    .set({ retry_schedule: [0, 45] })
    .execute();
  receiver.respondWith((_webhook, res) => void res.writeHead(500).end());
  const retrying = await publishMany(client, 10);
  await eventually(async () =>
    expect(await idsByStatus("retrying")).toEqual(expect.arrayContaining(retrying)),
  );
  expect(await worker.stop()).toBe(0);
  const published = await publishMany(client, 10);
  const doomed = await system.startCrashWorker("persist: committed");
  expect(await doomed.exited).toBe("SIGKILL");
  const fresh = await idsByStatus("pending");
  expect(fresh.length).toBeGreaterThan(0);
  expect(published).toEqual(expect.arrayContaining(fresh));

  const wiper = new RedisClient(redis.url);
  await wiper.flushall();
  wiper.disconnect();
  receiver.respondWith((_webhook, res) => void res.end());
  // Stands for the time that has to pass until they are overdue.
  const overdue = new Date(Date.now() - 1_000);
  await system.db
    .updateTable("deliveries")
    .set({ sweep_at: overdue, next_attempt_at: overdue })
    .where("status", "in", ["pending", "retrying"])
    .execute();

  await system.startWorker();
  await eventually(async () =>
    expect(await idsByStatus("delivered")).toEqual(expect.arrayContaining([...retrying, ...fresh])),
  );
});

async function idsByStatus(status: "pending" | "retrying" | "delivered"): Promise<string[]> {
  const rows = await system.db
    .selectFrom("deliveries")
    .select("event_id")
    .where("status", "=", status)
    .execute();
  return rows.map((row) => row.event_id);
}
