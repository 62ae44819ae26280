import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { acknowledgeQueuedEvent, createDatabase } from "@triggers/db";
import { createEventId, deliveryIdOf, deliveryJobId, type EventJob } from "@triggers/domain";
import type { ReceivedJob } from "@triggers/queues";
import { eventually } from "@triggers/testing";
import { type At, nowhere } from "../src/fault-points.ts";
import { createEventProcessor, type PersistEventsDeps } from "../src/persist/persist-events.ts";
import { createWorkerParts, insertEndpoint, insertOrganization, type WorkerParts } from "./worker-parts.ts";

let parts: WorkerParts;
let organizationId: string;
let endpointId: string;

beforeAll(async () => {
  parts = await createWorkerParts();
});

beforeEach(async () => {
  organizationId = await insertOrganization(parts.db);
  endpointId = await insertEndpoint(parts.db, organizationId);
});

afterAll(() => parts.stop());

const processor = (more: Partial<PersistEventsDeps> = {}) =>
  createEventProcessor({
    ...parts,
    at: nowhere,
    isDeliveryDisabled: false,
    drained: new AbortController().signal,
    ...more,
  });

const received = (data: unknown, more: Partial<ReceivedJob> = {}): ReceivedJob => ({
  id: createEventId(Date.now()),
  data,
  failures: 0,
  ...{ stalls: 0, timesAlone: 0, noteAlone: () => Promise.resolve() },
  postpone: (delayMs) => Promise.reject(new Postponed(delayMs)),
  ...more,
});

/** What a job says to its queue in order to run again later. */
class Postponed extends Error {
  readonly delayMs: number;
  constructor(delayMs: number) {
    super("postponed");
    this.delayMs = delayMs;
  }
}

const eventJob = (more: Partial<EventJob> = {}): EventJob => ({
  v: 1,
  org: organizationId,
  type: "order.created",
  payload: "{}",
  ...more,
});

const storedEvent = (id: string) =>
  parts.db.selectFrom("events").selectAll().where("id", "=", id).executeTakeFirst();
const deadLetter = (id: string) =>
  parts.db.selectFrom("dead_letters").selectAll().where("event_id", "=", id).executeTakeFirst();
const firstStep = (id: string) =>
  parts.redis.exists(`{${parts.prefix}}:deliveries:${deliveryJobId(deliveryIdOf(id, endpointId), 0)}`);

test("an event is stored as it was sent, with a delivery for each endpoint, whose job is enqueued", async () => {
  const payload = '{ "b":9007199254740993,"a":"\\u0000" }';
  const at = Date.UTC(2026, 0, 2);
  const job = received(eventJob({ payload, dedup: "d-1", meta: { k: "v" }, at }));
  await processor()(job);
  expect(await storedEvent(job.id)).toMatchObject({
    organization_id: organizationId,
    payload,
    dedup_id: "d-1",
    metadata: { k: "v" },
    occurred_at: new Date(at),
    inbox_status: "available",
    delivery_status: "pending",
    pending_deliveries: 1,
  });
  expect(await firstStep(job.id)).toBe(1);
});

test("a job that runs again stores nothing twice and enqueues the delivery that a crash left behind", async () => {
  const job = received(eventJob());
  const crash: At = (point) => {
    if (point === "persist: committed") throw new Error("crash");
  };
  const crashed = processor({ at: crash, drained: AbortSignal.abort() });
  await expect(crashed(job)).rejects.toMatchObject({ delayMs: 1_000 });
  const before = await storedEvent(job.id);
  expect(before).toBeDefined();
  expect(await firstStep(job.id)).toBe(0);

  await processor()(job);
  expect(await firstStep(job.id)).toBe(1);
  expect(await storedEvent(job.id)).toEqual(before);
});

test("a job that runs again does not enqueue a delivery that is over", async () => {
  const job = received(eventJob());
  await processor()(job);
  await parts.db
    .updateTable("deliveries")
    .set({ status: "delivered" })
    .where("event_id", "=", job.id)
    .execute();
  await parts.redis.del(`{${parts.prefix}}:deliveries:${deliveryJobId(deliveryIdOf(job.id, endpointId), 0)}`);
  await processor()(job);
  expect(await firstStep(job.id)).toBe(0);
});

test("an event that was acknowledged while it was queued is stored as acknowledged, and still delivered", async () => {
  const job = received(eventJob());
  const acknowledgedAt = await acknowledgeQueuedEvent(parts.db, organizationId, job.id);
  await processor()(job);
  expect(await storedEvent(job.id)).toMatchObject({
    inbox_status: "acknowledged",
    acknowledged_at: acknowledgedAt,
    delivery_status: "pending",
  });
});

describe("poison", () => {
  test("costs only itself: the other 499 of the batch are stored", async () => {
    const process = processor();
    const jobs = Array.from({ length: 499 }, () => received(eventJob()));
    const poison = received(eventJob({ type: "a\0b" }));
    await Promise.all([...jobs.slice(0, 300), poison, ...jobs.slice(300)].map(process));
    const stored = await parts.db
      .selectFrom("events")
      .select("position")
      .where("organization_id", "=", organizationId)
      .execute();
    expect(new Set(stored.map(({ position }) => position)).size).toBe(499);
    expect(await storedEvent(poison.id)).toBeUndefined();
    expect(await deadLetter(poison.id)).toMatchObject({
      organization_id: organizationId,
      error_code: "22021",
    });
  });

  test("beside an event of a day without partitions harms neither it nor itself", async () => {
    const process = processor();
    const old = received(eventJob(), { id: createEventId(Date.UTC(2020, 1, 2)) });
    const poison = received(eventJob({ payload: '"\0"' }));
    const good = received(eventJob());
    await Promise.all([old, poison, good].map(process));
    expect(await storedEvent(old.id)).toBeDefined();
    expect(await storedEvent(good.id)).toBeDefined();
    expect(await deadLetter(poison.id)).toMatchObject({ error_code: "22021" });
  });

  test("whose organization is no UUID still becomes a dead letter", async () => {
    const poison = received(eventJob({ org: "acme" }));
    await processor()(poison);
    expect(await deadLetter(poison.id)).toMatchObject({ organization_id: null, error_code: "22P02" });
  });

  test("twice leaves the first dead letter as it was", async () => {
    const poison = received(eventJob({ payload: "\0" }));
    await processor()(poison);
    const first = await deadLetter(poison.id);
    await processor()(poison);
    expect(await deadLetter(poison.id)).toEqual(first);
  });
});

describe("a job", () => {
  test("that killed its workers ten times is put aside with its data", async () => {
    const job = received(eventJob({ payload: '{"a":1}' }), { stalls: 10, timesAlone: 3 });
    await processor()(job);
    expect(await storedEvent(job.id)).toBeUndefined();
    const letter = await deadLetter(job.id);
    expect(letter).toMatchObject({
      organization_id: organizationId,
      reason: "10 workers died with it in hand",
    });
    expect(JSON.parse(String(letter?.job))).toEqual(job.data);
  });

  test("whose workers died of something else is stored, however many: it was seldom alone", async () => {
    const job = received(eventJob(), { stalls: 50, timesAlone: 2 });
    await processor()(job);
    expect(await storedEvent(job.id)).toBeDefined();
    expect(await deadLetter(job.id)).toBeUndefined();
  });

  test("under suspicion is noted to run alone before it does", async () => {
    const steps: string[] = [];
    const process = processor({ at: (point) => void steps.push(point) });
    const noteAlone = () => Promise.resolve(void steps.push("noted"));
    await process(received(eventJob(), { stalls: 3, noteAlone }));
    expect(steps).toEqual(["noted", "persist: in transaction", "persist: committed", ...steps.slice(3)]);
  });

  test("that killed its workers less often runs in a transaction of its own", async () => {
    let transactions = 0;
    const process = processor({
      at: (point) => void (transactions += Number(point === "persist: committed")),
    });
    await Promise.all([3, 9].map((stalls) => process(received(eventJob(), { stalls }))));
    expect(transactions).toBe(2);
  });

  test("under suspicion waits for its turn: a thousand at once do not crowd each other out", async () => {
    const outages = () =>
      parts.log.filter(({ message }) => message === "events cannot be persisted right now");
    const before = outages().length;
    const process = processor();
    await Promise.all(Array.from({ length: 1_000 }, () => process(received(eventJob(), { stalls: 3 }))));
    expect(outages().slice(before)).toEqual([]);
  });

  test("whose data is malformed becomes a dead letter, and the log says so", async () => {
    const job = received({ v: 1, org: 5 });
    await processor()(job);
    expect(await deadLetter(job.id)).toMatchObject({
      organization_id: null,
      reason: "the job's data is malformed",
    });
    expect(parts.log.at(-1)).toMatchObject({
      message: "an event was put aside as a dead letter",
      fields: { eventId: job.id },
    });
  });

  test("of a newer version goes back to its queue untouched", async () => {
    const job = received({ ...eventJob(), v: 2 });
    await expect(processor()(job)).rejects.toEqual(new Postponed(10_000));
    expect(await deadLetter(job.id)).toBeUndefined();
    expect(await storedEvent(job.id)).toBeUndefined();
  });
});

test("a connection that is lost in the middle of a transaction costs a repetition, not the process", async () => {
  let runs = 0;
  const terminate: At = async (point) => {
    if (point !== "persist: in transaction") return;
    runs += 1;
    if (runs > 1) return;
    const holders = parts.db
      .selectFrom("pg_stat_activity" as "events")
      .where("state" as "type", "=", "idle in transaction");
    await holders.select((eb) => eb.fn("pg_terminate_backend", ["pid" as "id"]).as("done")).execute();
    await eventually(() =>
      expect(parts.log.map(({ message }) => message)).toContain("postgres connection failed"),
    );
  };
  const job = received(eventJob());
  await processor({ at: terminate })(job);
  expect(runs).toBe(2);
  expect(await storedEvent(job.id)).toMatchObject({ delivery_status: "pending" });
});

test("with Postgres away a worker that drains puts its jobs back on the queue", async () => {
  const away = createDatabase({
    url: "postgres://nobody@127.0.0.1:1/none",
    applicationName: "tests",
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
  const drained = new AbortController();
  const process = processor({ db: away, drained: drained.signal });
  const running = Promise.allSettled([process(received(eventJob())), process(received({ v: 1 }))]);
  setTimeout(() => drained.abort(), 50);
  const outcomes = await running;
  expect(outcomes.map((outcome) => outcome.status === "rejected" && (outcome.reason as unknown))).toEqual([
    new Postponed(1_000),
    new Postponed(1_000),
  ]);
  await away.destroy();
});
