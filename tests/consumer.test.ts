import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiClient, eventually } from "@triggers/testing";
import { startSystem, type System } from "./start-system.ts";

let system: System;
let client: ApiClient;
beforeAll(async () => {
  system = await startSystem();
  await system.startWorker();
  client = await system.createClient();
});
afterAll(() => system.stop());

/** The example as its users run it. */
function startConsumer(settings: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, API_URL: client.url, API_KEY: client.apiKey, ...settings };
  const file = new URL("../examples/consumer.mjs", import.meta.url).pathname;
  const child = spawn(process.execPath, [file], { env, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
  const exited = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
  return {
    handled: () =>
      printed
        .split("\n")
        .slice(0, -1)
        .map((line) => line.split(" ")[0] ?? ""),
    stop: () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}
async function publish(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, (_, n) => ({ type: "a.b", payload: { n } }));
  const { body } = await client.request("POST", "/api/events/batch", { events });
  return (body.results as { id: string }[]).map(({ id }) => id);
}
const stats = async () => (await client.request("GET", "/api/inbox/stats")).body as Record<string, number>;

test("the example consumer handles every event once, also those that come while it waits", async () => {
  const consumer = startConsumer({ PER_SECOND: "1000" });
  const ids = await publish(25);
  await eventually(() => expect(consumer.handled()).toHaveLength(25), 30_000);
  ids.push(...(await publish(5)));
  await eventually(() => expect(consumer.handled().sort()).toEqual(ids.sort()), 30_000);
  await eventually(async () => expect(await stats()).toMatchObject({ available: 0, leased: 0 }), 30_000);
  expect(await consumer.stop()).toBe(0);
}, 90_000);

test("SIGTERM makes it end the event in hand and give back the rest at once", async () => {
  await publish(8);
  await eventually(async () => expect(await stats()).toMatchObject({ available: 8 }), 30_000);
  const consumer = startConsumer({ PER_SECOND: "0.01", LEASE_SECONDS: "3600" });
  await eventually(() => expect(consumer.handled()).toHaveLength(1), 30_000);
  expect(await consumer.stop()).toBe(0);
  expect(consumer.handled()).toHaveLength(1);
  expect(await stats()).toMatchObject({ available: 7, leased: 0 });
}, 90_000);

test("a slow consumer keeps its lease by extending it", async () => {
  const other = startConsumer({ PER_SECOND: "1000" });
  await eventually(async () => expect(await stats()).toMatchObject({ available: 0, leased: 0 }), 30_000);
  await other.stop();
  const ids = await publish(5);
  await eventually(async () => expect(await stats()).toMatchObject({ available: 5 }), 30_000);
  // Ten seconds of work under a lease of three, while a second consumer asks all the time.
  const slow = startConsumer({ PER_SECOND: "0.5", LEASE_SECONDS: "3" });
  await eventually(() => expect(slow.handled()).toHaveLength(1), 30_000);
  const greedy = startConsumer({ PER_SECOND: "1000" });
  await eventually(async () => expect(await stats()).toMatchObject({ available: 0, leased: 0 }), 40_000);
  expect([await slow.stop(), await greedy.stop()]).toEqual([0, 0]);
  expect(greedy.handled()).toEqual([]);
  expect(slow.handled().sort()).toEqual(ids.sort());
}, 90_000);
