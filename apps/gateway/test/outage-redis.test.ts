import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiAnswer, type ApiClient, callApi, eventually } from "@triggers/testing";
import { type Redis, startRedis } from "../../../infra/redis.mjs";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-gateway-"));
const event = { type: "a", payload: {} };

let redis: Redis;
let gateway: TestGateway;
let client: ApiClient;
/** Events that are persisted and not acknowledged. */
let stored: string[];

const publish = (more: object = {}) => client.publish({ ...event, ...more });
const publishWithKey = () => client.request("POST", "/api/events", event, { "idempotency-key": "unsure" });
const untilPublishingWorks = (more: object = {}) =>
  eventually(async () => {
    const answer = await publish(more);
    expect([202, 409]).toContain(answer.status);
    return answer;
  });

async function timed<T>(call: Promise<T>): Promise<[T, number]> {
  const startedAt = performance.now();
  return [await call, performance.now() - startedAt];
}

async function expectRefusedInTime() {
  const answers = await Promise.all(Array.from({ length: 10 }, () => timed(publish())));
  for (const [{ status, body, headers }, ms] of answers) {
    expect([status, body.code, body.retryable]).toEqual([503, "queue_unavailable", true]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(ms).toBeLessThan(1_000);
  }
}

/** Many at once, as in real life, where they would queue up behind the first one's wait for Redis. */
async function expectReadsAndAcksGoOn(): Promise<ApiAnswer[]> {
  const id = String(stored.pop());
  const answers = await Promise.all([
    client.request("POST", `/api/inbox/ack/${id}`),
    ...Array.from({ length: 10 }, () => client.request("GET", "/api/inbox")),
    client.request("GET", `/api/events/${String(stored[0])}`),
    client.request("POST", "/api/inbox/ack", { event_ids: [id] }),
    client.request("GET", "/api/keys"),
  ]);
  for (const { status, text } of answers) expect([status, text]).toEqual([200, expect.any(String)]);
  // Held to a limit of this process.
  for (const { headers } of answers) expect(headers.get("x-ratelimit-limit")).toBe("1000000");
  const { body } = await client.request("GET", "/api/inbox");
  expect((body.events as { id: string }[]).map((found) => found.id)).not.toContain(id);
  return answers;
}

beforeAll(async () => {
  redis = await startRedis({ dataDir });
  gateway = await startTestGateway({ REDIS_URL: redis.url });
  client = await gateway.createClient();
  const answers = await Promise.all(Array.from({ length: 5 }, () => publish()));
  stored = answers.map(({ body }) => body.id as string);
  const worker = await gateway.startWorker();
  await eventually(async () => {
    const { body } = await client.request("GET", "/api/inbox");
    expect(body.count).toBe(stored.length);
  });
  // What is accepted from here on stays in the queue.
  await worker.stop();
}, 60_000);
afterAll(async () => {
  redis.kill("SIGCONT");
  await gateway.stop();
  await redis.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("with Redis killed", () => {
  let accepted: string;

  test("publishing is a 503 within a second", async () => {
    accepted = (await publish({ dedup_id: "kept" })).body.id as string;
    redis.kill("SIGKILL");
    await expectRefusedInTime();
  });

  test("reads and acknowledgements go on", async () => {
    await expectReadsAndAcksGoOn();
    const { body } = await client.request("GET", "/health/ready");
    expect(body).toEqual({ status: "degraded", down: ["redis"] });
  });

  test("the other routes are held to a limit all the same", async () => {
    const small = await gateway.createClient("free");
    const reads = await Promise.all(
      Array.from({ length: 1_010 }, () => small.request("GET", "/api/webhook/config")),
    );
    expect(reads.filter(({ status }) => status === 429)).toHaveLength(10);
  });

  test("an event that only the queue may have is unknown, not missing", async () => {
    const { status, body } = await client.request("GET", `/api/events/${accepted}`);
    expect([status, body.retryable]).toEqual([503, true]);
  });

  test("a key cannot be exchanged, and stays as it is", async () => {
    const { status, body } = await client.request("POST", "/api/keys/rotate");
    expect([status, body.code]).toEqual([503, "queue_unavailable"]);
    expect((await client.request("GET", "/api/keys")).status).toBe(200);
  });

  test("it works again by itself after a restart, and has kept what was accepted", async () => {
    redis = await startRedis({ dataDir, port: redis.port });
    await untilPublishingWorks();
    const { status, body } = await client.request("GET", `/api/events/${accepted}`);
    expect([status, body.status]).toEqual([200, "accepted"]);
    const again = await publish({ dedup_id: "kept" });
    expect([again.status, again.body.id]).toEqual([409, accepted]);
  });
});

describe("with Redis frozen", () => {
  test("publishing is a 503 within a second", async () => {
    redis.kill("SIGSTOP");
    await expectRefusedInTime();
  });

  test("publishing with tokens in hand is a 503 within a second too, and a retry with its dedup_id or key is safe", async () => {
    redis.kill("SIGCONT");
    await untilPublishingWorks();
    redis.kill("SIGSTOP");
    const answers = await Promise.all([timed(publish({ dedup_id: "unsure" })), timed(publishWithKey())]);
    for (const [answer, ms] of answers) {
      expect([answer.status, answer.body.code]).toEqual([503, "queue_unavailable"]);
      expect(ms).toBeLessThan(1_000);
    }
  });

  test("reads and acknowledgements go on, and wait only half as long for Redis as publishing does", async () => {
    const answers = await expectReadsAndAcksGoOn();
    const took = answers.map(({ headers }) => Number.parseFloat(headers.get("x-response-time") ?? ""));
    expect(Math.min(...took)).toBeLessThan(750);
  });

  test("it works again by itself when Redis goes on, and an unsure event exists once", async () => {
    redis.kill("SIGCONT");
    const retried = await untilPublishingWorks({ dedup_id: "unsure" });
    const again = await publish({ dedup_id: "unsure" });
    expect([again.status, again.body.id]).toEqual([409, retried.body.id]);
    const { status } = await client.request("GET", `/api/events/${String(again.body.id)}`);
    expect(status).toBe(200);
    const [keyed, repeated] = [await publishWithKey(), await publishWithKey()];
    expect([keyed.status, repeated.status, repeated.body.id]).toEqual([202, 202, keyed.body.id]);
    expect((await client.request("GET", `/api/events/${String(keyed.body.id)}`)).status).toBe(200);
  });
});

describe("a gateway that starts while Redis is away", () => {
  test("reads at once, and publishes as soon as Redis is there", async () => {
    redis.kill("SIGKILL");
    const late = await gateway.startAnother({}, "without waiting");
    const call = async (method: string, path: string, body?: unknown) =>
      (await callApi(late.url, method, path, body, { "x-api-key": client.apiKey })).status;
    expect(await call("GET", "/api/inbox")).toBe(200);
    expect(await call("POST", "/api/events", event)).toBe(503);
    redis = await startRedis({ dataDir, port: redis.port });
    await eventually(async () => expect(await call("POST", "/api/events", event)).toBe(202));
  });
});
