import { execFile } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { publishMany } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const entry = new URL("../packages/queues/src/change-shards.ts", import.meta.url).pathname;
let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeAll(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
});
afterAll(() => system.stop());

const changeTo = (count: string) =>
  new Promise<{ code: number | null; output: string }>((resolve) => {
    const env = { PATH: process.env.PATH, REDIS_URL: system.redisUrl, REDIS_PREFIX: system.prefix };
    const child = execFile(process.execPath, [entry, count], { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });

test("the number of shards does not change while events wait, and afterwards loses no delivery", async () => {
  const ids = await publishMany(client, 20);
  expect(await changeTo("4")).toMatchObject({ code: 1, output: expect.stringContaining("20 events wait") });
  expect((await changeTo("none")).code).toBe(78);

  // Half a second of retries is still to come when the queues are removed.
  receiver.respondWith((_webhook, res) => void res.writeHead(500).end());
  await system.db
    .updateTable("endpoints")
    .set({ retry_schedule: [0, 5] })
    .execute();
  const worker = await system.startWorker();
  await eventually(() => expect(receiver.received.length).toBeGreaterThanOrEqual(ids.length), 30_000);
  expect(await worker.stop()).toBe(0);
  system.gateway.kill("SIGKILL");
  expect(await changeTo("4")).toMatchObject({
    code: 0,
    output: expect.stringContaining("4 shards, before 1"),
  });

  receiver.respondWith((_webhook, res) => void res.end());
  const overdue = new Date(Date.now() - 1_000);
  await system.db
    .updateTable("deliveries")
    .set({ sweep_at: overdue, next_attempt_at: overdue })
    .where("status", "in", ["pending", "retrying"])
    .execute();
  const settings = { QUEUE_SHARDS: "4" };
  await system.startWorker(settings);
  await eventually(async () => {
    const rows = await system.db
      .selectFrom("deliveries")
      .select("event_id")
      .where("status", "=", "delivered")
      .execute();
    expect(rows.map(({ event_id }) => event_id).sort()).toEqual([...ids].sort());
  }, 30_000);
  const gateway = await system.startGateway(settings);
  await eventually(async () => {
    const answer = await fetch(`${gateway.url}/health/ready`);
    expect(answer.status).toBe(200);
  });
}, 120_000);
