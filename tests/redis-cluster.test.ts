import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiClient, eventually, type Receiver, startApp } from "@triggers/testing";
import { Redis } from "ioredis";
import { type RedisCluster, startRedisCluster } from "../infra/redis-cluster.mjs";
import { publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-cluster-"));
const shards = 4;
let cluster: RedisCluster;
let system: System;
let receiver: Receiver;
let first: ApiClient;
let clients: ApiClient[];

beforeAll(async () => {
  cluster = await startRedisCluster({ dataDir });
  system = await startSystem({ redisUrl: cluster.url, settings: { QUEUE_SHARDS: String(shards) } });
  receiver = await system.startReceiver();
  // Enough organizations for every shard to have some, for any ids: one in a thousand runs would miss one of four.
  clients = await Promise.all(Array.from({ length: 30 }, () => system.createClient(receiver.url)));
  first = await system.createClient(receiver.url);
}, 90_000);

afterAll(async () => {
  await system.stop();
  await cluster.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** How many event jobs wait in each shard, by the master that has it. */
async function waitingByMaster(): Promise<Map<number, number[]>> {
  const found = new Map<number, number[]>();
  for (const { port } of cluster.masters) {
    const redis = new Redis({ port, password: cluster.password });
    const keys = await redis.keys(`{${system.prefix}.*}:events:wait`);
    found.set(port, await Promise.all(keys.map((key) => redis.llen(key))));
    redis.disconnect();
  }
  return found;
}

const receivedIds = () => receiver.received.map(({ headers }) => String(headers["webhook-id"]));
let ids: string[];

test("organizations are spread over the shards, and the shards over all masters", async () => {
  ids = await Promise.all(clients.map((client) => eventually(() => publishOne(client))));
  const waiting = await waitingByMaster();
  expect([...waiting.values()].flat()).toHaveLength(shards);
  for (const lengths of waiting.values()) expect(lengths.length).toBeGreaterThan(0);
  expect([...waiting.values()].flat().reduce((sum, length) => sum + length, 0)).toBe(ids.length);
});

test("what waits in any shard is found by its id, counted, and erased", async () => {
  for (const [index, client] of clients.slice(0, 6).entries()) {
    const { status, body } = await client.request("GET", `/api/events/${ids[index] ?? ""}`);
    expect([status, body.status]).toEqual([200, "accepted"]);
  }
  const metrics = await (await fetch(`${system.gateway.url}/metrics`)).text();
  expect(metrics).toContain(`triggers_queue_jobs{queue="events",state="waiting"} ${ids.length}`);
  const erased = await publishOne(first);
  expect((await first.request("DELETE", `/api/events/${erased}`)).status).toBe(204);
});

test("a repeated dedup id is a 409 that names the first event, in a batch over all shards too", async () => {
  for (const client of clients.slice(0, 6)) {
    const event = { type: "a", payload: {}, dedup_id: "once" };
    const { body } = await client.publish(event);
    const again = await client.publish(event);
    expect([again.status, again.body.id]).toEqual([409, body.id]);
    const batch = await client.request("POST", "/api/events/batch", {
      events: [event, { type: "b", payload: {} }],
    });
    expect(batch.body).toMatchObject({ accepted: 1, duplicates: 1 });
  }
});

test("a process that counts other shards ends with 78 and says what is registered", async () => {
  const settings = {
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    REDIS_URL: cluster.url,
    REDIS_PREFIX: system.prefix,
    QUEUE_SHARDS: "2",
  };
  for (const name of ["gateway", "worker"]) {
    // Before it listens or after, whichever comes first.
    const outcome = await startApp(
      new URL(`../apps/${name}/src/main.ts`, import.meta.url).pathname,
      settings,
    ).then(
      async ({ exited, log }) => `the app ended with ${await exited}: ${JSON.stringify(log)}`,
      (error: unknown) => String(error),
    );
    expect(outcome).toContain("the app ended with 78:");
    expect(outcome).toMatch(new RegExp(`"configured":2,.*"registered":${shards},`));
  }
});

test("workers store and deliver what is in every shard, and a waiting reader is woken", async () => {
  await system.startWorker();
  await eventually(() => expect(receivedIds()).toEqual(expect.arrayContaining(ids)), 30_000);
  for (const [index, client] of clients.entries()) {
    const { body } = await client.request("GET", "/api/inbox?status=all");
    expect((body.events as { id: string }[]).map(({ id }) => id)).toContain(ids[index]);
  }
  const { end_cursor: cursor } = (await first.request("GET", "/api/inbox?status=all")).body;
  const startedAt = performance.now();
  const waiting = first.request("GET", `/api/inbox?status=all&wait_seconds=20&cursor=${String(cursor)}`);
  // Later than the question, so that it is the wake-up that answers it.
  const later = new Promise((resolve) => setTimeout(resolve, 500)).then(() => publishOne(first));
  expect((await waiting).body.count).toBe(1);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  await later;
});

test("test sends, retries by hand and replays take their ways through Redis", async () => {
  const { body } = await first.request("GET", "/api/endpoints");
  const [endpoint] = body.endpoints as { id: string }[];
  const sent = await first.request("POST", `/api/endpoints/${endpoint?.id ?? ""}/test`);
  expect([sent.status, sent.body.attempt.response_status]).toEqual([200, 200]);
  const before = receiver.received.length;
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const selection = { since, until: new Date().toISOString(), only: "all" };
  const replay = await first.request("POST", `/api/endpoints/${endpoint?.id ?? ""}/replay`, selection);
  expect(replay.status).toBe(202);
  await eventually(() => expect(receiver.received.length).toBeGreaterThan(before), 30_000);
});

test("kill -9 of a master and its restart lose nothing that was accepted, and all goes on by itself", async () => {
  const accepted: string[] = [];
  let isStopped = false;
  const senders = clients.slice(0, 8).map(async (client) => {
    while (!isStopped) {
      const { status, body } = await client.publish({ type: "a", payload: {} });
      expect([202, 503]).toContain(status);
      if (status === 202) accepted.push(String(body.id));
    }
  });
  await eventually(() => expect(accepted.length).toBeGreaterThan(50));
  cluster.masters[1]?.kill("SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await cluster.restart(1);
  const before = accepted.length;
  for (const client of clients.slice(0, 8)) await eventually(() => publishOne(client), 30_000);
  await eventually(() => expect(accepted.length).toBeGreaterThan(before + 50), 30_000);
  isStopped = true;
  await Promise.all(senders);
  await eventually(() => {
    const received = new Set(receivedIds());
    expect(accepted.filter((id) => !received.has(id))).toEqual([]);
  }, 60_000);
}, 120_000);
