import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { publishMany } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const schedule = [0, 1, 3, 2];
const jitter = 0.2;
let system: System;
let receiver: Receiver;
let client: ApiClient;

beforeAll(async () => {
  system = await startSystem();
  receiver = await system.startReceiver((_webhook, res) => void res.writeHead(500).end());
  client = await system.createClient();
  await client.request("POST", "/api/endpoints", { url: receiver.url, retry_schedule: schedule });
  await system.startWorker();
}, 30_000);

afterAll(() => system.stop());

test("each attempt comes when its step of the schedule has passed, less the jitter, and none after the last", async () => {
  const ids = await publishMany(client, 20);
  await eventually(async () => {
    const { body } = await client.request("GET", "/api/deliveries?status=failed&limit=100");
    expect(body.deliveries).toHaveLength(ids.length);
  }, 30_000);
  const waits: number[][] = schedule.map(() => []);
  for (const id of ids) {
    const requests = receiver.received.filter(({ headers }) => headers["webhook-id"] === id);
    expect(requests.map(({ headers }) => headers["x-delivery-attempt"])).toEqual(["1", "2", "3", "4"]);
    for (const [step, { receivedAt }] of requests.entries()) {
      const before = requests[step - 1];
      if (before) waits[step]?.push(receivedAt - before.receivedAt);
    }
  }
  for (const [step, seconds] of schedule.entries()) {
    if (step === 0) continue;
    const shortest = Math.min(...(waits[step] ?? []));
    // Two clocks, rounded to a millisecond each.
    expect(shortest).toBeGreaterThanOrEqual(seconds * 1_000 * (1 - jitter) - 2);
  }
}, 60_000);
