import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { publishMany, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeEach(async () => {
  system = await startSystem();
  receiver = await system.startReceiver();
  client = await system.createClient(receiver.url);
});

afterEach(() => system.stop());

const attemptsOf = (eventId: string) =>
  system.db
    .selectFrom("attempts")
    .select(["number", "error_code", "response_status"])
    .where("event_id", "=", eventId)
    .orderBy("number")
    .execute();

test("SIGTERM lets the gateway answer what it has begun to read, refuses what is new and exits 0", async () => {
  const text = '{"type":"order.created","payload":{}}';
  const { port } = new URL(system.gateway.url);
  const halfSent = request({
    port,
    host: "127.0.0.1",
    method: "POST",
    path: "/api/events",
    headers: {
      "x-api-key": client.apiKey,
      "content-type": "application/json",
      "content-length": text.length,
    },
  });
  const answered = new Promise<number>((resolve, reject) => {
    halfSent.on("response", (res) => resolve(res.resume().statusCode ?? 0)).on("error", reject);
  });
  await new Promise((sent) => halfSent.write(text.slice(0, 10), sent));
  // A later request that was answered shows that the gateway has the first one in hand.
  await publishOne(client);

  system.gateway.kill("SIGTERM");
  await eventually(() => expect(system.gateway.log.map(({ message }) => message)).toContain("draining"));
  await eventually(() =>
    expect(client.publish({ type: "too.late", payload: {} })).rejects.toThrow("fetch failed"),
  );
  halfSent.end(text.slice(10));
  expect(await answered).toBe(202);
  expect(await system.gateway.exited).toBe(0);
});

describe("SIGTERM of a worker", () => {
  test("lets POSTs in flight end and be recorded, takes nothing new and exits 0", async () => {
    receiver.respondWith(async (_webhook, res) => {
      await pause(700);
      res.end();
    });
    const worker = await system.startWorker();
    const ids = await publishMany(client, 5);
    await receiver.waitFor(5);
    expect(await worker.stop()).toBe(0);
    for (const id of ids)
      expect(await attemptsOf(id)).toEqual([{ number: 1, error_code: null, response_status: 200 }]);
    expect(receiver.received).toHaveLength(5);
  });

  test("cuts a POST that takes too long, records it as interrupted, and another worker makes it again", async () => {
    receiver.respondWith(() => undefined);
    const worker = await system.startWorker({ DRAIN_POST_LIMIT_MS: "300" });
    const id = await publishOne(client);
    await receiver.waitFor(1);
    const startedAt = performance.now();
    expect(await worker.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await attemptsOf(id)).toEqual([{ number: 1, error_code: "interrupted", response_status: null }]);

    receiver.respondWith((_webhook, res) => void res.end());
    await system.startWorker();
    const [, again] = await receiver.waitFor(2);
    expect(again?.headers).toMatchObject({ "webhook-id": id, "x-delivery-attempt": "2" });
    await eventually(async () =>
      expect(await attemptsOf(id)).toEqual([
        { number: 1, error_code: "interrupted", response_status: null },
        { number: 2, error_code: null, response_status: 200 },
      ]),
    );
    const delivery = await system.db.selectFrom("deliveries").selectAll().executeTakeFirst();
    expect(delivery).toMatchObject({ status: "delivered", schedule_step: 0, attempts: 2 });
  });

  test("while events stream in loses none, and the next worker takes over the rest", async () => {
    const streaming = publishMany(client, 1_000);
    for (let turn = 0; turn < 3; turn += 1) {
      const worker = await system.startWorker();
      await eventually(() => expect(worker.log.length).toBeGreaterThan(20));
      expect(await worker.stop()).toBe(0);
    }
    await system.startWorker();
    const ids = await streaming;
    await receiver.waitFor(ids.length);
    await eventually(async () => {
      const rows = await system.db
        .selectFrom("events")
        .select("id")
        .where("delivery_status", "=", "delivered")
        .execute();
      expect(rows).toHaveLength(ids.length);
    });
    // A drain costs no duplicate: nothing was cut.
    expect(receiver.received).toHaveLength(ids.length);
  }, 60_000);
});
