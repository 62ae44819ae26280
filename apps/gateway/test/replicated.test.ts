import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiAnswer, type ApiClient, callApi, eventually } from "@triggers/testing";
import { Redis as RedisClient } from "ioredis";
import { type Redis, startRedis } from "../../../infra/redis.mjs";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-replicated-"));
let master: Redis;
let replica: Redis | undefined;
let onReplica: RedisClient;
let gateway: TestGateway;
let client: ApiClient;

const publish = (more: object = {}): Promise<ApiAnswer> =>
  client.publish({ type: "a", payload: {}, ...more });
const ready = async () => (await callApi(gateway.url, "GET", "/health/ready")).text;
const untilReady = () => eventually(async () => expect(await ready()).toBe('{"status":"ready"}'), 30_000);

const startReplica = () =>
  startRedis({
    dataDir: join(dataDir, "replica"),
    ...(replica ? { port: replica.port } : {}),
    settings: {
      replicaof: `127.0.0.1 ${master.port}`,
      masterauth: readFileSync(join(dataDir, "master/password"), "utf8").trim(),
    },
  });

beforeAll(async () => {
  // A replica that is gone is noticed within a second or two instead of a minute.
  master = await startRedis({
    dataDir: join(dataDir, "master"),
    settings: { "repl-timeout": "3", "repl-ping-replica-period": "1", "repl-diskless-sync-delay": "0" },
  });
  gateway = await startTestGateway(
    {
      REDIS_URL: master.url,
      DURABILITY: "replicated",
      REDIS_CHECK_INTERVAL_MS: "100",
      REPLICA_WAIT_MS: "300",
    },
    "without waiting",
  );
  client = await eventually(() => gateway.createClient());
}, 60_000);
afterAll(async () => {
  onReplica.disconnect();
  replica?.kill("SIGCONT");
  await gateway.stop();
  await replica?.stop();
  await master.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test("without a replica it is not ready, and accepts nothing", async () => {
  await eventually(async () => expect(await ready()).toContain("redis has no replica"));
  const { status, body } = await publish();
  expect([status, body.code]).toEqual([503, "not_ready"]);
});

test("what is accepted is on the replica when the 202 comes, each of 200 at once and of a batch", async () => {
  replica = await startReplica();
  onReplica = new RedisClient(replica.url);
  onReplica.on("error", () => undefined);
  await untilReady();
  const isThere = (id: string) => onReplica.exists(`{${gateway.settings.REDIS_PREFIX ?? ""}}:events:${id}`);
  const accepted: unknown[] = [];
  // A replica that is slow for a moment makes it a 503, which is no fault here.
  await eventually(async () => {
    await untilReady();
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const { status, body } = await publish();
        if (status === 202) accepted.push(await isThere(String(body.id)));
        return status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([202]));
  }, 30_000);
  expect(accepted).toEqual(accepted.map(() => 1));
  const events = Array.from({ length: 50 }, () => ({ type: "a", payload: {} }));
  const { body } = await client.request("POST", "/api/events/batch", { events });
  for (const { id } of body.results as { id: string }[]) expect(await isThere(id)).toBe(1);
}, 60_000);

test("a replica that is silent makes it a 503 within a second, and the retry finds the event", async () => {
  replica?.kill("SIGSTOP");
  const startedAt = performance.now();
  const { status, body } = await publish({ dedup_id: "unsure" });
  expect([status, body.code]).toEqual([503, "queue_unavailable"]);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  // A duplicate is no better proven than the first one was.
  expect([503]).toContain((await publish({ dedup_id: "unsure" })).status);
  replica?.kill("SIGCONT");
  const again = await eventually(async () => {
    const answer = await publish({ dedup_id: "unsure" });
    expect(answer.status).toBe(409);
    return answer;
  }, 30_000);
  const found = await client.request("GET", `/api/events/${String(again.body.id)}`);
  expect(found.status).toBe(200);
});

test("a replica that is gone makes it not ready, and one that is back ready again", async () => {
  await untilReady();
  replica?.kill("SIGKILL");
  await eventually(async () => expect(await ready()).toContain("redis has no replica"), 30_000);
  expect((await publish()).body.code).toBe("not_ready");
  replica = await startReplica();
  await untilReady();
  await eventually(async () => expect((await publish()).status).toBe(202), 30_000);
}, 60_000);
