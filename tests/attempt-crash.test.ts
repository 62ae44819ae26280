import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createReplay, requestAttempt } from "@triggers/db";
import { type ApiClient, eventually, type Receiver } from "@triggers/testing";
import { receivedIds, repeatsOf } from "./attempts-of.ts";
import { letAMinutePass } from "./let-a-minute-pass.ts";
import { publishBatch, publishMany, publishOne } from "./publish.ts";
import { startSystem, type System } from "./start-system.ts";

/** Longer than a busy machine stops a worker for: an attempt that loses its claim is made again. */
const patient = { CLAIM_MS: "2000", STALLED_CHECK_MS: "100", SWEEP_INTERVAL_MS: "100" };
let system: System;
let receiver: Receiver;
let client: ApiClient;
let endpointId: string;

beforeAll(async () => {
  system = await startSystem();
}, 30_000);

beforeEach(async () => {
  receiver = await system.startReceiver();
  client = await system.createClient();
  const { body } = await client.request("POST", "/api/endpoints", { url: receiver.url, retry_schedule: [0] });
  endpointId = body.id as string;
});

afterAll(() => system.stop());

const post = (verb: string, body: object = {}) =>
  client.request("POST", `/api/endpoints/${endpointId}/${verb}`, body);

/** All deliveries of the organization come to this status. */
const waitForStatus = (status: string, count: number) =>
  eventually(async () => {
    const rows = await system.db
      .selectFrom("deliveries")
      .select(["id", "status", "attempts"])
      .where("organization_id", "=", client.organizationId)
      .execute();
    expect(rows.map((row) => row.status)).toEqual(Array<string>(count).fill(status));
    return rows;
  }, 20_000);

const expectEachOnce = (ids: readonly string[]) => {
  expect(receivedIds(receiver).sort()).toEqual([...ids].sort());
  expect(Math.max(...ids.map((id) => receiver.mostAtOnce(id)))).toBe(1);
};

describe("kill -9 of a worker", () => {
  test("that has a slot of the endpoint and has not posted: the slot comes back, each webhook comes once", async () => {
    await client.request("PATCH", `/api/endpoints/${endpointId}`, { max_in_flight: 1 });
    const ids = await publishMany(client, 5);
    const doomed = await system.startCrashWorker("deliver: entered", patient);
    expect(await doomed.exited).toBe("SIGKILL");
    expect(receiver.received).toEqual([]);
    const worker = await system.startWorker(patient);
    const rows = await waitForStatus("delivered", ids.length);
    expect(rows.map(({ attempts }) => attempts)).toEqual(ids.map(() => 1));
    expectEachOnce(ids);
    await worker.stop();
  }, 60_000);

  test("that has posted and not recorded: only that webhook comes again, and not while it is under way", async () => {
    const ids = await publishMany(client, 30);
    const doomed = await system.startCrashWorker("deliver: posted", patient);
    expect(await doomed.exited).toBe("SIGKILL");
    const inFlight = receivedIds(receiver);
    expect(inFlight.length).toBeGreaterThan(0);
    const worker = await system.startWorker(patient);
    await waitForStatus("delivered", ids.length);
    const all = receivedIds(receiver);
    expect(new Set(all)).toEqual(new Set(ids));
    expect(inFlight).toEqual(expect.arrayContaining(repeatsOf(all)));
    expect(Math.max(...ids.map((id) => receiver.mostAtOnce(id)))).toBe(1);
    await worker.stop();
  }, 60_000);

  test("that sends a test, with no other there: the caller hears in time that nobody answers", async () => {
    await client.request("PATCH", `/api/endpoints/${endpointId}`, { timeout_ms: 1_000 });
    const doomed = await system.startWorker(patient);
    receiver.respondWith(() => doomed.kill("SIGKILL"));
    const startedAt = performance.now();
    const answer = await post("test");
    expect(answer).toMatchObject({ status: 503, body: { code: "worker_unavailable", retryable: true } });
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    // Nobody waits any more: whoever finds the job sends nothing.
    const worker = await system.startWorker(patient);
    receiver.respondWith((_webhook, res) => void res.end());
    expect((await post("test")).status).toBe(200);
    expect(receiver.received).toHaveLength(2);
    await worker.stop();
  }, 60_000);
});

describe("kill -9 of a gateway", () => {
  test("that has asked for a manual attempt and added no job: it is made once, a minute later", async () => {
    receiver.respondWith((_webhook, res) => void res.writeHead(500).end());
    const worker = await system.startWorker(patient);
    const id = await publishOne(client);
    const [delivery] = await waitForStatus("failed", 1);
    receiver.respondWith((_webhook, res) => void res.end());
    // The first of the gateway's two writes.
    const asked = await requestAttempt(system.db, client.organizationId, delivery?.id ?? "");
    expect(asked.outcome).toBe("requested");
    expect((await client.request("POST", `/api/deliveries/${delivery?.id}/retry`)).status).toBe(409);
    await letAMinutePass(system);
    const [after] = await waitForStatus("delivered", 1);
    expect(after?.attempts).toBe(2);
    expect(receivedIds(receiver)).toEqual([id, id]);
    await worker.stop();
  }, 60_000);

  test("that has enabled an endpoint: what waited for it goes out, also when the worker that parked it is dead", async () => {
    const doomed = await system.startCrashWorker("deliver: claimed", patient);
    await publishBatch(client, 20);
    expect(await doomed.exited).toBe("SIGKILL");
    const deliveries = system.db
      .selectFrom("deliveries")
      .select("event_id")
      .where("endpoint_id", "=", endpointId)
      .orderBy("event_id");
    // Those that were stored by then; the others will be skipped.
    const waiting = await deliveries.where("status", "=", "pending").execute();
    expect(waiting.length).toBeGreaterThan(0);
    expect((await post("disable")).status).toBe(200);
    await letAMinutePass(system);
    // It takes the jobs and finds the endpoint disabled.
    const parking = await system.startWorker(patient);
    await eventually(
      async () => expect(await deliveries.where("parked_as", "=", "first").execute()).toEqual(waiting),
      20_000,
    );
    parking.kill("SIGKILL");
    expect((await post("enable")).status).toBe(200);
    const worker = await system.startWorker(patient);
    await eventually(async () =>
      expect(await deliveries.where("status", "=", "delivered").execute()).toEqual(waiting),
    );
    expect(receivedIds(receiver).sort()).toEqual(waiting.map(({ event_id }) => event_id));
    await worker.stop();
  }, 60_000);

  test("that has enabled an endpoint and not begun, or not told of, its replay: what was skipped comes once", async () => {
    const worker = await system.startWorker(patient);
    await post("disable");
    const ids = await publishMany(client, 10);
    await waitForStatus("skipped", 10);
    // The first of its writes, without the others: asking again makes up for them.
    await post("enable");
    expect((await post("enable", { replay: "skipped" })).status).toBe(200);
    await waitForStatus("delivered", 10);
    expectEachOnce(ids);

    await post("disable");
    const more = await publishMany(client, 5);
    await eventually(async () => {
      const { body } = await client.request("GET", "/api/deliveries?status=skipped");
      expect(body.deliveries).toHaveLength(5);
    });
    await post("enable");
    // The replay's row without its job: the sweeper finds it.
    await createReplay(system.db, {
      organizationId: client.organizationId,
      endpointId,
      selection: { sinceId: null, untilId: null, eventTypes: null, only: "skipped" },
    });
    await waitForStatus("delivered", 15);
    expectEachOnce([...ids, ...more]);
    await worker.stop();
  }, 60_000);
});
