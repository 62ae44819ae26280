import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { eventually } from "@triggers/testing";
import { Redis } from "ioredis";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const windowMs = 86_400_000;

let gateway: TestGateway;
let redis: Redis;

beforeAll(async () => {
  gateway = await startTestGateway();
  redis = new Redis(gateway.settings.REDIS_URL ?? "");
});
afterAll(async () => {
  redis.disconnect();
  await gateway.stop();
});

test("after the window the same dedup_id is a new event, and it is really stored", async () => {
  const client = await gateway.createClient();
  await gateway.startWorker();
  const event = { type: "a", payload: {}, dedup_id: "again" };
  const { body: first } = await client.publish(event);
  await eventually(async () =>
    expect((await client.request("GET", `/api/events/${first.id}`)).body.status).toBe("pending"),
  );
  expect((await client.publish(event)).status).toBe(409);

  // A day cannot be waited for: the end of the window is what Redis makes of it.
  const [key = "", ...others] = await redis.keys(`{${gateway.settings.REDIS_PREFIX}}:events:de:*`);
  expect(others).toEqual([]);
  const leftMs = await redis.pttl(key);
  expect(leftMs).toBeGreaterThan(windowMs - 60_000);
  expect(leftMs).toBeLessThanOrEqual(windowMs);
  await redis.pexpire(key, 1);
  await eventually(async () => expect(await redis.exists(key)).toBe(0));

  const { status, body: second } = await client.publish(event);
  expect([status, second.id === first.id]).toEqual([202, false]);
  await eventually(async () => {
    const { body } = await client.request("GET", "/api/events?dedup_id=again");
    expect((body.events as { id: string }[]).map(({ id }) => id)).toEqual([second.id, first.id]);
  });
  expect((await client.publish(event)).body.id).toBe(second.id);
});
