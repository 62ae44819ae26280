import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiClient, type AppProcess, callApi, eventually } from "@triggers/testing";
import { Redis as RedisClient } from "ioredis";
import { type Redis, startRedis } from "../../../infra/redis.mjs";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-durability-"));
let redis: Redis;
let operator: RedisClient;
let gateway: TestGateway;
let worker: AppProcess;
let client: ApiClient;

const publish = () => client.publish({ type: "a", payload: {} });
const readyOf = (url: string) => callApi(url, "GET", "/health/ready");
const set = (name: string, value: string) => operator.config("SET", name, value);
const queued = () => operator.llen(`{${gateway.settings.REDIS_PREFIX ?? ""}}:events:wait`);

async function untilNotReady(reason: string) {
  for (const url of [gateway.url, worker.url]) {
    await eventually(async () => {
      const { status, body } = await readyOf(url);
      expect([status, body.reasons]).toEqual([503, [expect.stringContaining(reason)]]);
    });
  }
}
const untilReady = () =>
  eventually(async () => {
    for (const url of [gateway.url, worker.url]) expect((await readyOf(url)).text).toBe('{"status":"ready"}');
  });

beforeAll(async () => {
  redis = await startRedis({ dataDir, settings: { appendfsync: "everysec" } });
  operator = new RedisClient(redis.url);
  operator.on("error", () => undefined);
  gateway = await startTestGateway(
    { REDIS_URL: redis.url, REDIS_CHECK_INTERVAL_MS: "100" },
    "without waiting",
  );
  worker = await gateway.startWorker();
  client = await eventually(() => gateway.createClient());
}, 60_000);
afterAll(async () => {
  operator.disconnect();
  await gateway.stop();
  await redis.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("with a Redis that cannot keep what is accepted", () => {
  test("both apps are not ready from the start, and the probe and the logs name the setting", async () => {
    await untilNotReady("redis has appendfsync everysec, not always");
    expect(gateway.logText()).toContain("appendfsync everysec, not always");
    expect(JSON.stringify(worker.log)).toContain("appendfsync everysec, not always");
  });

  test("nothing is accepted: a 503 that says so, at once and of a batch too", async () => {
    const batch = client.request("POST", "/api/events/batch", { events: [{ type: "a", payload: {} }] });
    for (const { status, body, headers } of [await publish(), await batch]) {
      expect([status, body.code, body.retryable]).toEqual([503, "not_ready", true]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    }
    expect(await queued()).toBe(0);
  });

  test("everything else goes on", async () => {
    expect((await client.request("GET", "/api/inbox")).status).toBe(200);
    expect((await callApi(gateway.url, "GET", "/health")).status).toBe(200);
  });
});

describe("when it is configured anew while it runs", () => {
  afterEach(async () => {
    await operator.config("SET", "appendonly", "yes");
    await operator.config("SET", "appendfsync", "always");
    await operator.config("SET", "no-appendfsync-on-rewrite", "no");
    await operator.config("SET", "maxmemory-policy", "noeviction");
    await untilReady();
  });

  test("both become ready by themselves, and publishing works", async () => {
    await set("appendfsync", "always");
    await untilReady();
    expect((await publish()).status).toBe(202);
    expect(gateway.logText()).toContain("redis can keep what is accepted again");
  });

  test.each([
    ["appendfsync", "no"],
    ["appendonly", "no"],
    ["no-appendfsync-on-rewrite", "yes"],
    ["maxmemory-policy", "allkeys-lru"],
  ])("%s %s makes both not ready, and publishing a 503", async (name, value) => {
    await set(name, value);
    await untilNotReady(`redis has ${name} ${value}`);
    expect((await publish()).body.code).toBe("not_ready");
  });
});

test("after a reconnect nothing is accepted before the Redis that is there now was asked", async () => {
  const patient = await gateway.startAnother({ REDIS_CHECK_INTERVAL_MS: "3600000" });
  const send = () =>
    callApi(patient.url, "POST", "/api/events", { type: "a", payload: {} }, { "x-api-key": client.apiKey });
  expect((await send()).status).toBe(202);
  redis.kill("SIGKILL");
  redis = await startRedis({ dataDir, port: redis.port, settings: { appendonly: "no" } });
  const codes = new Set<string>();
  const sendUntilAsked = async () => {
    while (!codes.has("not_ready")) codes.add(String((await send()).body.code ?? "accepted"));
  };
  await Promise.all(Array.from({ length: 20 }, sendUntilAsked));
  expect(codes).not.toContain("accepted");
  expect((await readyOf(patient.url)).body.reasons).toEqual([expect.stringContaining("appendonly no")]);
  expect(await queued()).toBe(0);
});

test("DURABILITY=relaxed accepts what comes, and says in the log and in the health report that nobody checks", async () => {
  const relaxed = await gateway.startAnother({ DURABILITY: "relaxed" });
  const key = { "x-api-key": client.apiKey };
  const { status } = await callApi(relaxed.url, "POST", "/api/events", { type: "a", payload: {} }, key);
  expect(status).toBe(202);
  for (const path of ["/health", "/api/health/detailed"]) {
    const { body } = await callApi(relaxed.url, "GET", path);
    expect(body.warnings).toEqual([expect.stringContaining("DURABILITY=relaxed")]);
  }
  expect(relaxed.logText()).toContain("DURABILITY=relaxed");
});

test("a Redis that does not let itself be asked is used with a warning, and what INFO tells counts", async () => {
  await operator.call("ACL", "SETUSER", "managed", "on", ">secret", "~*", "&*", "+@all", "-config");
  const url = new URL(redis.url);
  [url.username, url.password] = ["managed", "secret"];
  const managed = await gateway.startAnother(
    { REDIS_URL: url.href, REDIS_CHECK_INTERVAL_MS: "100" },
    "without waiting",
  );
  await eventually(async () => {
    const { body } = await readyOf(managed.url);
    expect(body.reasons).toEqual([expect.stringContaining("appendonly no")]);
  });
  await set("appendonly", "yes");
  await eventually(async () => expect((await readyOf(managed.url)).status).toBe(200));
  const { body } = await callApi(managed.url, "GET", "/health");
  expect(body.warnings).toEqual([expect.stringContaining("does not tell its appendfsync")]);
});
