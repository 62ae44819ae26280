import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { setTimeout as pause } from "node:timers/promises";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { publishBatch, publishOne } from "./publish.ts";
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

// So long that what the dead worker has in hand does not come back during the test.
const slowTakeover = { JOB_LOCK_MS: "120000", SWEEP_INTERVAL_MS: "30000" };

test("a killed worker's jobs leave their endpoint room: what came later is delivered at once", async () => {
  receiver.respondWith(async (_webhook, res) => {
    await pause(200);
    res.end();
  });
  const doomed = await system.startWorker(slowTakeover);
  await publishBatch(client, 150);
  await receiver.waitFor(15);
  doomed.kill("SIGKILL");
  await doomed.exited;
  await system.startWorker(slowTakeover);
  const id = await publishOne(client);
  await eventually(
    () => expect(receiver.received.map(({ headers }) => headers["webhook-id"])).toContain(id),
    20_000,
  );
}, 60_000);
