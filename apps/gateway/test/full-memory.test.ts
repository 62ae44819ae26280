import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiClient, eventually } from "@triggers/testing";
import { Redis as RedisClient } from "ioredis";
import { type Redis, startRedis } from "../../../infra/redis.mjs";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-memory-"));
let redis: Redis;
let operator: RedisClient;
let gateway: TestGateway;
let client: ApiClient;

const publish = () => client.publish({ type: "a", payload: {} });
const publishBatch = () =>
  client.request("POST", "/api/events/batch", { events: [{ type: "a", payload: {} }] });
/** Leaves so much of the memory's limit used. */
async function fillTo(share: number) {
  const used = Number(/^used_memory:(\d+)/m.exec(await operator.info("memory"))?.[1]);
  await operator.config("SET", "maxmemory", String(Math.round(used / share)));
}

beforeAll(async () => {
  redis = await startRedis({ dataDir });
  operator = new RedisClient(redis.url);
  gateway = await startTestGateway({ REDIS_URL: redis.url });
  client = await gateway.createClient();
  expect((await publish()).status).toBe(202);
}, 60_000);
afterAll(async () => {
  operator.disconnect();
  await gateway.stop();
  await redis.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test("above 75 % of Redis' memory publishing is a 503 that says when to come again; below it works by itself", async () => {
  await fillTo(0.8);
  await eventually(async () => {
    const { status, body, headers } = await publish();
    expect([status, body.code, headers.get("retry-after")]).toEqual([503, "queue_full", "5"]);
  });
  expect((await publishBatch()).body.code).toBe("queue_full");
  await fillTo(0.5);
  await eventually(async () => expect((await publish()).status).toBe(202));
});

test("a Redis that refuses every write is a 503 wherever one is needed, never a 500, and reads go on", async () => {
  const { body } = await publish();
  // Too fast for the sample: what Redis itself says counts.
  await operator.config("SET", "maxmemory", "1");
  const answers = [
    await publish(),
    await publishBatch(),
    await client.request("POST", "/api/events", { type: "a", payload: {}, dedup_id: "d" }),
    await client.request("DELETE", `/api/events/${String(body.id)}`),
    await client.request("POST", "/api/keys/rotate"),
  ];
  for (const answer of answers) {
    expect([answer.status, answer.text]).toEqual([
      503,
      expect.stringMatching(/"code":"queue_(full|unavailable)"/),
    ]);
  }
  const reads = ["/api/inbox", "/api/events", "/api/keys", `/api/events/${String(body.id)}`];
  for (const path of reads) expect((await client.request("GET", path)).status).toBe(200);
  expect(gateway.logText()).not.toContain('"level":"error"');
  await operator.config("SET", "maxmemory", "0");
  await eventually(async () => expect((await publish()).status).toBe(202));
});
