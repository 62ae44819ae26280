import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import {
  createPartitions,
  findEvent,
  insertDeadLetter,
  listEvents,
  withMaintenance,
  type Maintenance,
} from "@triggers/db";
import { createEventId, createId, deliveryIdOf, type EventJob, lowestIdAt } from "@triggers/domain";
import { eventually } from "@triggers/testing";
import { nowhere } from "../src/fault-points.ts";
import { createEventProcessor } from "../src/persist/persist-events.ts";
import { type RetentionDeps, startRetention } from "../src/retention/start-retention.ts";
import { createWorkerParts, insertOrganization, type WorkerParts } from "./worker-parts.ts";

const dayMs = 86_400_000;
const today = Math.floor(Date.now() / dayMs) * dayMs;
const daysAgo = (days: number) => today - days * dayMs;

let parts: WorkerParts;
let organizationId: string;
let unread = 0;
let stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  parts = await createWorkerParts();
  organizationId = await insertOrganization(parts.db);
});
afterEach(async () => {
  for (const stop of stops) await stop();
  stops = [];
  parts.log.length = 0;
  unread = 0;
});
afterAll(() => parts.stop());

const retain = (more: Partial<RetentionDeps> = {}) => {
  const stop = startRetention({
    databaseUrl: parts.databaseUrl,
    retentionDays: 30,
    intervalMs: 50,
    oldestQueuedAt: () => Promise.resolve(Date.now()),
    countUnread: (events) => (unread += events),
    logger: parts.logger,
    ...more,
  });
  stops.push(stop);
  return stop;
};

/** Stored on the day that its id tells, unless said otherwise. */
async function store(day: number, more: Record<string, unknown> = {}): Promise<string> {
  await createPartitions(parts.db, [day]);
  const id = createEventId(day + 1_000);
  const position = Number(process.hrtime.bigint() / 1_000n);
  await parts.db
    .insertInto("events")
    .values({
      ...{ id, organization_id: organizationId, position, type: "a", payload: "{}" },
      ...{ persisted_at: new Date(day + 2_000), ...more },
    })
    .execute();
  const [endpointId, deliveryId] = [createId(), createId()];
  const own = { event_id: id, endpoint_id: endpointId, organization_id: organizationId };
  await parts.db
    .insertInto("deliveries")
    .values({ ...own, id: deliveryIdOf(id, endpointId), status: "pending" })
    .execute();
  await parts.db
    .insertInto("attempts")
    .values({
      ...{ ...own, delivery_id: deliveryId, number: 1, trigger: "schedule" },
      ...{ started_at: new Date(day), duration_ms: 1 },
    })
    .execute();
  return id;
}

const nameOf = (parent: string, day: number) =>
  `${parent}_${new Date(day).toISOString().slice(0, 10).replaceAll("-", "")}`;
async function tablesOf(day: number): Promise<string[]> {
  const tables = await parts.db.introspection.getTables();
  const names = tables.map(({ name }) => name);
  const wanted = ["attempts", "deliveries", "events"].map((parent) => nameOf(parent, day));
  return wanted.filter((name) => names.includes(name));
}
const untilGone = (day: number) => eventually(async () => expect(await tablesOf(day)).toEqual([]), 20_000);
const isStored = async (id: string) => (await findEvent(parts.db, organizationId, id)) !== undefined;
const untilPassed = (count: number) => {
  let passes = 0;
  retain({ oldestQueuedAt: () => Promise.resolve((passes++, Date.now())) });
  return eventually(() => expect(passes).toBeGreaterThan(count));
};
const maintain = (work: (maintenance: Maintenance) => Promise<unknown>) =>
  withMaintenance(
    { url: parts.databaseUrl, applicationName: "tests", signal: new AbortController().signal },
    work,
  );

test("days that ended longer ago than the retention go, with all three tables; the others stay", async () => {
  const [old, edge] = [await store(daysAgo(31)), await store(daysAgo(30))];
  retain();
  await untilGone(daysAgo(31));
  expect(await isStored(old)).toBe(false);
  // It ended less than 30 days ago.
  expect(await tablesOf(daysAgo(30))).toHaveLength(3);
  expect(await isStored(edge)).toBe(true);
});

test("what nobody had read or got is counted and told before it goes; what was is not", async () => {
  const day = daysAgo(35);
  await store(day);
  await store(day, { inbox_status: "quarantined" });
  await store(day, { inbox_status: "acknowledged" });
  await store(day, { delivered_deliveries: 1 });
  await store(day, { erased_at: new Date() });
  retain();
  await untilGone(day);
  expect(unread).toBe(2);
  expect(parts.log).toContainEqual({
    message: "a day's events expired",
    fields: { day: new Date(day).toISOString().slice(0, 10), unread: 2, retentionDays: 30 },
  });
});

test("a day stays as long as an event that is as old waits in the queue, or nobody knows whether one does", async () => {
  const id = await store(daysAgo(40));
  let asked = 0;
  const stop = retain({ oldestQueuedAt: () => Promise.resolve((asked++, daysAgo(40) + dayMs - 1)) });
  await eventually(() => expect(asked).toBeGreaterThan(2));
  await stop();
  const blind = retain({
    oldestQueuedAt: () => (asked++, Promise.reject(new Error("redis is away"))),
  });
  await eventually(() => expect(asked).toBeGreaterThan(5));
  await blind();
  expect(await isStored(id)).toBe(true);
  retain({ oldestQueuedAt: () => Promise.resolve(daysAgo(40) + dayMs) });
  await untilGone(daysAgo(40));
});

test("an event that came late, under an old id, is kept as long as any other", async () => {
  const id = await store(daysAgo(400), { persisted_at: new Date() });
  await untilPassed(2);
  expect(await isStored(id)).toBe(true);
  await parts.db
    .updateTable("events")
    .set({ persisted_at: new Date(daysAgo(31)) })
    .where("id", "=", id)
    .execute();
  await untilGone(daysAgo(400));
});

test("a crash after each step heals in the next pass", async () => {
  const days = [50, 51, 52].map(daysAgo);
  for (const day of days) await store(day);
  const [first = 0, second = 0, third = 0] = days;
  await maintain(async ({ query }) => {
    // Detached and not dropped; half of it dropped; only the events left.
    const detach = (parent: string, day: number) =>
      query(`ALTER TABLE ${parent} DETACH PARTITION ${nameOf(parent, day)} CONCURRENTLY`);
    await detach("deliveries", first);
    await detach("deliveries", second);
    await query(`DROP TABLE ${nameOf("deliveries", second)}`);
    for (const parent of ["deliveries", "attempts", "events"]) await detach(parent, third);
    for (const parent of ["deliveries", "attempts"]) await query(`DROP TABLE ${nameOf(parent, third)}`);
  });
  retain();
  for (const day of days) await untilGone(day);
  expect(unread).toBe(3);
});

/** A reader in the middle of its transaction, which a detaching has to wait for. */
const whileReading = (work: (reader: Maintenance) => Promise<void>) =>
  maintain(async (reader) => {
    await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await reader.query("SELECT count(*) FROM deliveries");
    await work(reader);
    await reader.query("COMMIT");
  });
const untilDetaching = (name: string) =>
  maintain(({ query }) =>
    eventually(async () => {
      const text = "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = $1::regclass";
      expect(await query(text, [name])).toEqual([{ inhdetachpending: true }]);
    }),
  );

test("an event that comes for a day that is half removed waits for the rest of the removal, and is stored and kept", async () => {
  const day = daysAgo(55);
  await store(day);
  await maintain(({ query }) =>
    query(`ALTER TABLE events DETACH PARTITION ${nameOf("events", day)} CONCURRENTLY`),
  );
  const id = createEventId(day + 1_000);
  const data: EventJob = { v: 1, org: organizationId, type: "a", payload: "{}" };
  const persist = createEventProcessor({
    ...{ ...parts, at: nowhere, isDeliveryDisabled: false, drained: new AbortController().signal },
  });
  const persisted = persist({
    id,
    data,
    failures: 0,
    ...{ stalls: 0, timesAlone: 0, noteAlone: () => Promise.resolve() },
    postpone: () => Promise.reject(new Error()),
  });
  await eventually(() =>
    expect(parts.log.map(({ message }) => message)).toContain("events cannot be persisted right now"),
  );
  await untilPassed(2);
  // A pass that looked just before the event came would remove its day: in the system the event's job holds it back.
  for (const stop of stops.splice(0)) await stop();
  await persisted;
  await untilPassed(2);
  expect(await isStored(id)).toBe(true);
});

test("a detaching that was killed while it waited for a reader is finished by the next pass", async () => {
  const day = daysAgo(60);
  await store(day);
  await whileReading(async ({ query }) => {
    const killed = retain({ intervalMs: 3_600_000 });
    await untilDetaching(nameOf("deliveries", day));
    await query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'triggers-retention' AND datname = current_database()",
    );
    await eventually(() =>
      expect(parts.log.map(({ message }) => message)).toContain(
        "the retention's pass failed; the next one goes on with it",
      ),
    );
    await killed();
  });
  expect(await tablesOf(day)).toHaveLength(3);
  retain();
  await untilGone(day);
  expect(unread).toBe(1);
});

test("stopping it in the middle of a wait for a reader does not wait for that reader", async () => {
  const day = daysAgo(90);
  await store(day);
  await whileReading(async () => {
    const stop = retain();
    await untilDetaching(nameOf("deliveries", day));
    await stop();
  });
  expect(await tablesOf(day)).toHaveLength(3);
  retain();
  await untilGone(day);
});

test("readers and writers go on without an error while days are removed", async () => {
  const gone = Array.from({ length: 8 }, (_, n) => daysAgo(70 + n));
  for (const day of gone) await store(day);
  const kept = [await store(daysAgo(2)), await store(daysAgo(1))];
  await createPartitions(parts.db, [today]);
  let isOver = false;
  let pages = 0;
  const read = async () => {
    while (!isOver) {
      const found: string[] = [];
      for (let after = 0; ;) {
        const page = await listEvents(parts.db, { organizationId, order: "asc", limit: 3, after });
        found.push(...page.map(({ id }) => id));
        pages += 1;
        if (page.length < 3) break;
        after = page.at(-1)?.position ?? 0;
      }
      expect(found).toEqual(expect.arrayContaining(kept));
    }
  };
  const write = async () => {
    while (!isOver) kept.push(await store(today));
  };
  const working = Promise.all([read(), read(), write()]);
  retain();
  for (const day of gone) await untilGone(day);
  isOver = true;
  await working;
  expect(pages).toBeGreaterThan(0);
  expect(parts.log.filter(({ message }) => message.includes("failed"))).toEqual([]);
}, 60_000);

test("intents, dead letters and replays go when they are old, and stay before", async () => {
  const { db } = parts;
  const [old, young] = [daysAgo(31), daysAgo(29)];
  const selection = { sinceId: null, untilId: null, eventTypes: null, only: "failed" as const };
  const ids = { old: createEventId(old), young: createEventId(young) };
  const letter = (eventId: string) =>
    insertDeadLetter(db, {
      ...{ eventId, organizationId, job: Buffer.from("{}") },
      ...{ eventType: null, reason: "poison", errorCode: null },
    });
  for (const [name, id] of Object.entries(ids)) {
    const at = new Date(name === "old" ? old : young);
    const own = { organization_id: organizationId };
    await db
      .insertInto("event_intents")
      .values({ event_id: id, ...own, acknowledged_at: at })
      .execute();
    await db
      .insertInto("replays")
      .values({ id, ...own, selection, last_position: 0, status: "completed", finished_at: at })
      .execute();
    await letter(id);
    await db.updateTable("dead_letters").set({ created_at: at }).where("event_id", "=", id).execute();
    const retried = createEventId(timeBefore(at));
    await letter(retried);
    await db.updateTable("dead_letters").set({ retried_at: at }).where("event_id", "=", retried).execute();
  }
  const running = createId();
  await db
    .insertInto("replays")
    .values({
      ...{ id: running, organization_id: organizationId, selection, last_position: 0 },
      created_at: new Date(old),
    })
    .execute();
  await untilPassed(2);
  const left = async (table: "event_intents" | "replays" | "dead_letters") => {
    const key = table === "replays" ? "id" : "event_id";
    const rows = await db
      .selectFrom(table)
      .select(key as never)
      .execute();
    return (rows as Record<string, string>[]).map((row) => row[key]);
  };
  expect(await left("event_intents")).toEqual([ids.young]);
  expect((await left("replays")).sort()).toEqual([ids.young, running].sort());
  expect((await left("dead_letters")).filter((id) => id === ids.old || id === ids.young)).toEqual([
    ids.young,
  ]);
  expect(await left("dead_letters")).toHaveLength(2);
  expect(unread).toBe(1);
});

test("an intent stays while an event as old as its own waits in the queue", async () => {
  const id = createEventId(daysAgo(45));
  await parts.db
    .insertInto("event_intents")
    .values({ event_id: id, organization_id: organizationId, acknowledged_at: new Date() })
    .execute();
  let asked = 0;
  retain({ oldestQueuedAt: () => Promise.resolve((asked++, daysAgo(46))) });
  await eventually(() => expect(asked).toBeGreaterThan(2));
  const found = await parts.db
    .selectFrom("event_intents")
    .select("event_id")
    .where("event_id", ">=", lowestIdAt(daysAgo(45)))
    .where("event_id", "=", id)
    .execute();
  expect(found).toHaveLength(1);
});

const timeBefore = (at: Date) => at.getTime() - 1;
