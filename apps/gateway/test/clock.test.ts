import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type AppProcess, callApi, eventually, startApp } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
const started: AppProcess[] = [];

beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(async () => {
  for (const app of started) await app.stop();
  await gateway.stop();
});

async function startShifted(shiftMs: number): Promise<AppProcess> {
  const entry = join(import.meta.dirname, "shifted-gateway.ts");
  const app = await startApp(entry, gateway.settings, [String(shiftMs)]);
  started.push(app);
  return app;
}

const hour = 3_600_000;

test.each([
  ["an hour ahead", hour],
  ["an hour behind", -hour],
  ["a year ahead", 8_766 * hour],
  ["a year behind", -8_766 * hour],
])("a gateway whose clock is %s is not ready and accepts nothing", async (_words, shiftMs) => {
  const { url } = await startShifted(shiftMs);
  await eventually(async () => {
    const { status, body } = await callApi(url, "GET", "/health/ready");
    expect([status, body.reasons]).toEqual([503, ["the clock is more than 5 minutes off"]]);
  });
  const client = await gateway.createClient();
  const key = { "x-api-key": client.apiKey };
  const answer = await callApi(url, "POST", "/api/events", { type: "a", payload: {} }, key);
  expect([answer.status, answer.body.code]).toEqual([503, "not_ready"]);
});

test("one whose clock is 4 minutes off is ready, and its events are stored and read like all others", async () => {
  const { url } = await startShifted(240_000);
  await eventually(async () => {
    const { status } = await callApi(url, "GET", "/health/ready");
    expect(status).toBe(200);
  });
  const client = await gateway.createClient();
  const key = { "x-api-key": client.apiKey };
  const { status, body } = await callApi(url, "POST", "/api/events", { type: "a", payload: {} }, key);
  expect(status).toBe(202);
  await gateway.startWorker();
  await eventually(async () => {
    const inbox = await client.request("GET", "/api/inbox");
    expect((inbox.body.events as { id: string }[]).map(({ id }) => id)).toEqual([body.id]);
  });
});
