import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { callApi, eventually } from "@triggers/testing";
import { cacheStatsAnswer, queuesAnswer, queueStatsAnswer } from "../src/operations/operation-answers.ts";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const adminToken = "a-token-of-the-operator";
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({ ADMIN_TOKEN: adminToken });
});
afterAll(() => gateway.stop());

async function scrape(url = gateway.url): Promise<string> {
  const { status, text, headers } = await callApi(url, "GET", "/metrics");
  expect([status, headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
  return text;
}
/** The value of one series, by its exact name and labels. */
const valueOf = (text: string, series: string) =>
  Number(
    text
      .split("\n")
      .find((line) => line.startsWith(`${series} `))
      ?.split(" ")[1],
  );
const operator = (path: string, token = adminToken) =>
  callApi(gateway.url, "GET", path, undefined, { authorization: `Bearer ${token}` });

test("requests are counted by route pattern and status, and no label holds an id, a path or a key", async () => {
  const client = await gateway.createClient();
  const id = (await client.publish({ type: "a", payload: {} })).body.id as string;
  await client.request("GET", `/api/events/${id}`);
  await client.request("GET", "/api/nowhere/at-all");
  await client.request("PUT", `/api/events/${id}`);
  await eventually(async () => {
    const text = await scrape();
    const requests = (labels: string) => valueOf(text, `triggers_http_requests_total{${labels}}`);
    expect(requests('method="POST",route="/api/events",status="202"')).toBe(1);
    expect(requests('method="GET",route="/api/events/:id",status="200"')).toBe(1);
    expect(requests('method="PUT",route="/api/events/:id",status="405"')).toBe(1);
    expect(requests('method="GET",route="unmatched",status="404"')).toBe(1);
    const durations = 'triggers_http_request_duration_seconds_count{method="POST",route="/api/events"}';
    expect(valueOf(text, durations)).toBe(1);
    expect(valueOf(text, 'triggers_enqueue_duration_seconds_count{outcome="enqueued"}')).toBe(1);
    expect(valueOf(text, 'triggers_key_cache_lookups_total{result="miss"}')).toBe(1);
    expect(valueOf(text, 'triggers_key_cache_lookups_total{result="hit"}')).toBe(1);
    expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
    for (const secret of [id, "at-all", client.organizationId, client.apiKey.split("_")[2]]) {
      expect(text).not.toContain(secret);
    }
  });
});

test("the operator sees the queues and the cache, and nobody else does", async () => {
  const client = await gateway.createClient();
  await client.publish({ type: "a", payload: {} });
  await eventually(async () => {
    const { body } = await operator("/api/queue/stats");
    expect(queueStatsAnswer.validate(body).error).toBeUndefined();
    expect((body as { waiting: number }).waiting).toBeGreaterThanOrEqual(2);
    expect((body as { oldest_waiting_seconds: number }).oldest_waiting_seconds).toBeGreaterThan(0);
  });
  const text = await scrape();
  expect(valueOf(text, 'triggers_queue_jobs{queue="events",state="waiting"}')).toBeGreaterThanOrEqual(1);
  expect(valueOf(text, "triggers_oldest_waiting_event_age_seconds")).toBeGreaterThan(0);
  expect(queuesAnswer.validate((await operator("/api/admin/queues")).body).error).toBeUndefined();
  expect(cacheStatsAnswer.validate((await operator("/stats/cache")).body).error).toBeUndefined();
  for (const path of ["/stats/cache", "/api/queue/stats", "/api/admin/queues"]) {
    const answers = [await operator(path, "another-token-of-16"), await client.request("GET", path)];
    expect(answers.map(({ body }) => (body as { code: string }).code)).toEqual([
      "admin_token_required",
      "admin_token_required",
    ]);
  }
});

test("with METRICS_PORT the metrics are there and not on the main port; a worker shows its own", async () => {
  const another = await gateway.startAnother({ METRICS_PORT: "0" });
  expect((await callApi(another.url, "GET", "/metrics")).status).toBe(404);
  const port = /"metricsPort":(\d+)/.exec(another.logText())?.[1];
  expect(await scrape(`http://127.0.0.1:${port}`)).toContain("triggers_http_requests_total");

  const worker = await gateway.startWorker();
  await eventually(async () => {
    const text = await scrape(worker.url);
    expect(valueOf(text, "triggers_events_persisted_total")).toBeGreaterThanOrEqual(2);
    expect(valueOf(text, "triggers_persist_batch_events_count")).toBeGreaterThan(0);
    expect(valueOf(text, "triggers_worker_is_leader")).toBe(1);
  });
});
