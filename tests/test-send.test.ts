import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type ApiClient, callApi, type Receiver } from "@triggers/testing";
import { Redis } from "ioredis";
import { Webhook } from "standardwebhooks";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeEach(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient();
}, 30_000);

afterEach(() => system.stop());

const create = async (body: object = {}) => {
  const answer = await client.request("POST", "/api/endpoints", { url: receiver.url, ...body });
  return answer.body as { id: string; signing_secret: string };
};
const send = (id: string) => client.request("POST", `/api/endpoints/${id}/test`);
const rowsOf = async (table: "events" | "deliveries" | "attempts") =>
  system.db.selectFrom(table).selectAll().execute();

test("a test is sent by a worker as any delivery is, answers with the attempt, and leaves nothing behind", async () => {
  await system.startWorker();
  const { id, signing_secret: secret } = await create({
    ...{ headers: { "x-tenant": "7" }, event_types: ["order.paid"], enabled: false },
  });
  const answer = await send(id);
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    endpoint_id: id,
    event_id: expect.any(String),
    attempt: {
      ...{ number: 1, trigger: "test", started_at: expect.any(String), duration_ms: expect.any(Number) },
      ...{ response_status: 200, error_code: null, error_detail: null, response_body: "ok" },
      response_headers: expect.any(Object),
    },
  });
  const [webhook] = receiver.received;
  expect(receiver.received).toHaveLength(1);
  expect(webhook?.headers).toMatchObject({
    ...{ "webhook-id": answer.body.event_id, "x-event-type": "webhook.test", "x-tenant": "7" },
  });
  const headers = Object.entries(webhook?.headers ?? {}).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const body = webhook?.body.toString() ?? "";
  expect(new Webhook(secret).verify(body, Object.fromEntries(headers))).toMatchObject({
    ...{ id: answer.body.event_id, type: "webhook.test" },
  });
  for (const table of ["events", "deliveries", "attempts"] as const) expect(await rowsOf(table)).toEqual([]);
  const redis = new Redis(system.redisUrl);
  expect(await redis.keys(`{${system.prefix}}:test:*`)).toEqual([]);
  expect(await redis.keys(`{${system.prefix}}:test-slot:*`)).toEqual([]);
  redis.disconnect();
}, 30_000);

test("a failed attempt is a 200 too: an error, a silent endpoint, nobody there", async () => {
  await system.startWorker();
  const { id } = await create({ timeout_ms: 1_000 });
  receiver.respondWith((_webhook, res) => void res.writeHead(500).end("no"));
  expect((await send(id)).body.attempt).toMatchObject({ response_status: 500, error_code: "http_status" });
  receiver.respondWith(() => undefined);
  expect((await send(id)).body.attempt).toMatchObject({ response_status: null, error_code: "timeout" });
  await client.request("PATCH", `/api/endpoints/${id}`, { url: "http://127.0.0.1:9/" });
  const refused = await send(id);
  expect([refused.status, refused.body.attempt.error_code]).toEqual([200, "connection_refused"]);
}, 30_000);

test("without a worker it is a 503 in time, at most three wait at once, and nobody sends them later", async () => {
  const other = await system.startGateway();
  const { id } = await create({ timeout_ms: 1_000 });
  const headers = { "x-api-key": client.apiKey };
  const startedAt = performance.now();
  const answers = await Promise.all([
    ...[send(id), send(id), send(id)],
    ...Array.from({ length: 3 }, () =>
      callApi(other.url, "POST", `/api/endpoints/${id}/test`, undefined, headers),
    ),
  ]);
  const codes = answers.map(({ body }) => body.code as string).sort();
  expect(codes).toEqual([
    ...Array<string>(3).fill("too_many_tests"),
    ...Array<string>(3).fill("worker_unavailable"),
  ]);
  expect(performance.now() - startedAt).toBeGreaterThan(5_900);
  for (const { status, headers: got } of answers) {
    expect([429, 503]).toContain(status);
    expect(got.get("retry-after")).toBe("1");
  }
  await system.startWorker();
  expect((await send(id)).status).toBe(200);
  expect(receiver.received).toHaveLength(1);
}, 60_000);

test("a worker that dies in the middle is followed by another, which sends it again", async () => {
  const doomed = await system.startWorker();
  const { id } = await create({ timeout_ms: 30_000 });
  receiver.respondWith(() => undefined);
  const answer = send(id);
  await receiver.waitFor(1);
  receiver.respondWith((_webhook, res) => void res.end("second"));
  doomed.kill("SIGKILL");
  await system.startWorker();
  expect((await answer).body).toMatchObject({ attempt: { response_status: 200, response_body: "second" } });
  expect(receiver.received).toHaveLength(2);
}, 60_000);

test("a worker that delivers nothing sends no tests either", async () => {
  await system.startWorker({ DISABLE_WEBHOOK_DELIVERY: "true" });
  const { id } = await create({ timeout_ms: 1_000 });
  const answer = await send(id);
  expect([answer.status, answer.body.code]).toEqual([503, "worker_unavailable"]);
  expect(receiver.received).toEqual([]);
}, 60_000);
