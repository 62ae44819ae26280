import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { migrateToLatest } from "@triggers/db";
import { createApiKey } from "@triggers/domain";
import { type ApiAnswer, type ApiClient, callApi, eventually } from "@triggers/testing";
import { type Postgres, startPostgres } from "../../../infra/postgres.mjs";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

const dataDir = mkdtempSync(join(tmpdir(), "triggers-gateway-"));
const event = { type: "a", payload: {} };

let postgres: Postgres;
let gateway: TestGateway;
let client: ApiClient;

const call = (method: string, path: string, body?: unknown, key = client.apiKey) =>
  callApi(gateway.url, method, path, body, { "x-api-key": key });
const outcome = ({ status, body }: ApiAnswer) => [status, body.code as unknown];
const away = [503, "database_unavailable"];
async function restart() {
  postgres = await startPostgres({ dataDir, port: postgres.port });
  await eventually(async () =>
    expect((await call("GET", "/health/ready")).body).toEqual({ status: "ready" }),
  );
}
async function kill() {
  postgres.kill("SIGKILL");
  await eventually(async () =>
    expect((await call("GET", "/health/ready")).body).toEqual({ status: "degraded", down: ["postgres"] }),
  );
}

beforeAll(async () => {
  postgres = await startPostgres({ dataDir });
  await migrateToLatest(postgres.url);
  gateway = await startTestGateway({ DATABASE_URL: postgres.url });
  client = await gateway.createClient();
  expect((await client.publish(event)).status).toBe(202);
  await kill();
}, 60_000);
afterEach(() => expect(gateway.logText()).not.toContain("a request failed"));
afterAll(async () => {
  await gateway.stop();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

describe("with Postgres away", () => {
  let accepted: string[];

  test("a known key still publishes, without waiting for Postgres", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.publish(event)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    accepted = answers.map(({ body }) => body.id as string);
  });

  test("a key that this process has not seen is a 503, never a 401; only garbage is", async () => {
    const unseen = createApiKey().apiKey;
    for (const answer of [
      await call("POST", "/api/events", event, unseen),
      await call("GET", "/api/inbox", undefined, unseen),
    ]) {
      expect(outcome(answer)).toEqual(away);
      expect(answer.headers.get("retry-after")).toBe("1");
      expect(Number.parseFloat(answer.headers.get("x-response-time") ?? "")).toBeLessThan(1_000);
    }
    expect(outcome(await call("GET", "/api/inbox", undefined, `${unseen.slice(0, -1)}_`))).toEqual([
      401,
      "invalid_api_key",
    ]);
  });

  test("an event that is still in the queue is shown, any other is unknown and not missing", async () => {
    const { status, body } = await call("GET", `/api/events/${String(accepted[0])}`);
    expect([status, body.status]).toEqual([200, "accepted"]);
    const answer = await call("GET", "/api/events/01890000-0000-7000-8000-000000000000");
    expect(outcome(answer)).toEqual(away);
  });

  test.each([
    ["GET", "/api/inbox", undefined],
    ["GET", "/api/keys", undefined],
    ["GET", "/api/webhook/config", undefined],
    ["DELETE", "/api/webhook/config", undefined],
    ["POST", "/api/webhook/config", { webhook_url: "https://example.test/" }],
    ["POST", "/api/keys/generate", { organization_name: "Acme" }],
    ["POST", "/api/keys/rotate", {}],
    ["POST", "/api/inbox/ack", { event_ids: ["01890000-0000-7000-8000-000000000000"] }],
  ])("%s %s is a 503 that may be retried, not a 500", async (method, path, body) => {
    const answer = await call(method, path, body);
    expect([...outcome(answer), answer.body.retryable]).toEqual([...away, true]);
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(answer.text).not.toMatch(/ECONN|127\.0\.0\.1|pg|postgres:/i);
  });

  test("an event that is in the queue only cannot be acknowledged now: 503", async () => {
    expect(outcome(await call("POST", `/api/inbox/ack/${String(accepted[0])}`))).toEqual(away);
  });

  test("everything works again by itself when it is back, and all that was accepted is persisted", async () => {
    await restart();
    await gateway.startWorker();
    // The key that could not be exchanged is as it was.
    await eventually(async () => {
      const { status, body } = await call("GET", "/api/inbox?limit=1000");
      expect(status).toBe(200);
      const ids = (body.events as { id: string }[]).map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining(accepted));
      expect(ids).toHaveLength(accepted.length + 1);
    });
    expect((await gateway.createClient()).apiKey).toMatch(/^trg_live_/);
  });
});

describe("a gateway that starts while Postgres is away", () => {
  test("listens, is not ready, and is as soon as Postgres is there", async () => {
    await kill();
    const late = await gateway.startAnother({}, "without waiting");
    const ready = async () => (await callApi(late.url, "GET", "/health/ready")).body as { status: string };
    expect((await callApi(late.url, "GET", "/health/live")).status).toBe(200);
    expect((await ready()).status).toBe("not_ready");
    await restart();
    await eventually(async () => expect((await ready()).status).toBe("ready"));
    const answer = await callApi(late.url, "POST", "/api/events", event, { "x-api-key": client.apiKey });
    expect(answer.status).toBe(202);
  });
});
