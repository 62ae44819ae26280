import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { type SentinelGroup, startSentinelGroup } from "../infra/redis-sentinel.mjs";
import { publishMany, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-sentinel-"));
let group: SentinelGroup;
let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeAll(async () => {
  group = await startSentinelGroup({ dataDir });
  system = await startSystem({
    redisUrl: group.url,
    settings: { DURABILITY: "replicated", REDIS_CHECK_INTERVAL_MS: "500" },
  });
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
  await system.startWorker();
}, 90_000);

afterAll(async () => {
  await system.stop();
  await group.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const expectDelivered = (ids: readonly string[]) =>
  eventually(() => {
    const received = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
    expect(ids.filter((id) => !received.has(id))).toEqual([]);
  }, 60_000);

test("the master that the Sentinels name takes events, and what it takes is delivered and in the inbox", async () => {
  await eventually(() => publishOne(client), 30_000);
  const ids = await publishMany(client, 50);
  await expectDelivered(ids);
  const { body } = await client.request("GET", "/api/inbox?status=all&limit=1000");
  expect((body.events as { id: string }[]).map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
});

test("when the master dies, the replica takes over and loses nothing that was accepted", async () => {
  const accepted: string[] = [];
  let isStopped = false;
  const senders = Array.from({ length: 4 }, async () => {
    while (!isStopped) {
      const { status, body } = await client.publish({ type: "a", payload: {} });
      expect([202, 503]).toContain(status);
      if (status === 202) accepted.push(String(body.id));
    }
  });
  await eventually(() => expect(accepted.length).toBeGreaterThan(50));
  const port = await group.masterPort();
  (await group.master()).kill("SIGKILL");
  await eventually(async () => expect(await group.masterPort()).not.toBe(port), 30_000);
  // Alone the new master cannot keep the promise: it waits for a replica.
  await group.restart(port);
  const before = accepted.length;
  await eventually(() => expect(accepted.length).toBeGreaterThan(before + 50), 60_000);
  isStopped = true;
  await Promise.all(senders);
  await expectDelivered(accepted);
}, 150_000);
