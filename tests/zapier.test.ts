import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { publishBatch, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

const docs = readFileSync(new URL("../docs/webhooks.md", import.meta.url), "utf8");
/** The body that the docs tell to send for a Zap. */
const preset = JSON.parse(/## Zapier[^]*?-d '([^']+)'/.exec(docs)?.[1] ?? "") as { subscriber: string };
const subscriber = preset.subscriber;
let system: System;
let zap: Receiver;
let client: ApiClient;
let endpointId: string;

beforeEach(async () => {
  system = await startSystem();
  zap = await system.startReceiver();
  client = await system.createClient();
  const created = await client.request("POST", "/api/endpoints", { ...preset, url: zap.url });
  expect(created).toMatchObject({ status: 201, body: { ...preset, url: `${zap.url}/` } });
  endpointId = created.body.id as string;
  await system.startWorker();
}, 30_000);

afterEach(() => system.stop());

const statusesOf = async () => {
  const { body } = await client.request("GET", "/api/deliveries?order=asc");
  return (body.deliveries as { status: string }[]).map(({ status }) => status);
};

test("a Zap gets 30 requests a second and not one more, and all of them", async () => {
  await publishBatch(client, 75, { subscriber });
  await zap.waitFor(75);
  const times = zap.received.map(({ receivedAt }) => receivedAt);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThanOrEqual(1_900);
  // The way to the receiver takes one longer than the other.
  for (const from of times)
    expect(times.filter((at) => at >= from && at < from + 900).length).toBeLessThanOrEqual(30);
}, 60_000);

test("429 with Retry-After is waited for, by that delivery and by those that come meanwhile", async () => {
  // Seconds instead of the schedule that a Zap has: it must be Retry-After that is waited for.
  await client.request("PATCH", `/api/endpoints/${endpointId}`, { retry_schedule: [0, 1, 1] });
  zap.respondWith((_webhook, res) => void res.writeHead(429, { "retry-after": "4" }).end());
  const id = await publishOne(client, { subscriber });
  const [refused] = await zap.waitFor(1);
  zap.respondWith((_webhook, res) => void res.end());
  await eventually(async () => expect(await statusesOf()).toEqual(["retrying"]));
  await publishBatch(client, 5, { subscriber });
  const all = await zap.waitFor(7);
  for (const { receivedAt } of all.slice(1))
    expect(receivedAt - (refused?.receivedAt ?? 0)).toBeGreaterThanOrEqual(3_950);
  expect(all.filter(({ headers }) => headers["webhook-id"] === id)).toHaveLength(2);
}, 60_000);

test("410 unsubscribes: the hook is disabled and gets nothing more; DELETE is the other way to leave", async () => {
  zap.respondWith((_webhook, res) => void res.writeHead(410).end());
  await publishOne(client, { subscriber });
  await eventually(async () =>
    expect((await client.request("GET", `/api/endpoints/${endpointId}`)).body).toMatchObject({
      ...{ enabled: false, disabled_reason: "gone" },
    }),
  );
  await publishOne(client, { subscriber });
  await eventually(async () => expect(await statusesOf()).toEqual(["failed", "skipped"]));

  const again = await client.request("POST", "/api/endpoints", { ...preset, url: zap.url });
  expect((await client.request("DELETE", `/api/endpoints/${again.body.id}`)).status).toBe(204);
  await publishOne(client, { subscriber });
  await eventually(async () => expect(await statusesOf()).toEqual(["failed", "skipped", "skipped"]));
  expect(zap.received).toHaveLength(1);
}, 60_000);
