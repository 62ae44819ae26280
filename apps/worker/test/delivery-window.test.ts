import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { createPartitions, daysAhead, type DueDelivery } from "@triggers/db";
import { createEventId, createId, deliveryIdOf, deliveryJobId } from "@triggers/domain";
import { eventually } from "@triggers/testing";
import { nowhere } from "../src/fault-points.ts";
import { createBacklogSweep } from "../src/sweep/sweep-backlogs.ts";
import {
  createDeliveryWindow,
  type DeliveryWindow,
  type DeliveryWindowDeps,
} from "../src/window/delivery-window.ts";
import { windowOf } from "../src/window/gather-places.ts";
import { createWindowCommands } from "../src/window/window-commands.ts";
import { createWorkerParts, insertEndpoint, insertOrganization, type WorkerParts } from "./worker-parts.ts";

const windowSize = 100;
let parts: WorkerParts;
let organizationId: string;
let endpointId: string;

beforeAll(async () => {
  parts = await createWorkerParts();
  await createPartitions(parts.db, daysAhead(Date.now(), 0));
});

beforeEach(async () => {
  await forgetRedis();
  await parts.db.deleteFrom("deliveries").execute();
  organizationId = await insertOrganization(parts.db);
  endpointId = await insertEndpoint(parts.db, organizationId);
});

afterAll(() => parts.stop());

/** What FLUSHALL does, to this file's keys only. */
async function forgetRedis(): Promise<void> {
  const keys = await parts.redis.keys(`{${parts.prefix}}*`);
  if (keys.length > 0) await parts.redis.del(keys);
}

/** Stored and not enqueued, in the order in which they are due. */
async function insertDue(
  count: number,
  more: { scheduleStep?: number; delayMs?: number; endpointId?: string } = {},
): Promise<DueDelivery[]> {
  const { scheduleStep = 0, delayMs = 0 } = more;
  const due = Array.from({ length: count }, (): DueDelivery => {
    const eventId = createEventId(Date.now());
    const own = { organizationId, endpointId, ...more };
    return {
      ...{ eventId, scheduleStep, delayMs, maxInFlight: 10, organizationId, endpointId: own.endpointId },
      deliveryId: deliveryIdOf(eventId, own.endpointId),
    };
  });
  await parts.db
    .insertInto("deliveries")
    .values(
      due.map((delivery, index) => ({
        id: delivery.deliveryId,
        event_id: delivery.eventId,
        endpoint_id: delivery.endpointId,
        organization_id: organizationId,
        status: scheduleStep === 0 ? ("pending" as const) : ("retrying" as const),
        schedule_step: scheduleStep,
        next_attempt_at: new Date(Date.now() + delayMs - count + index),
      })),
    )
    .execute();
  return due;
}

const jobIdOf = ({ deliveryId, scheduleStep }: DueDelivery) => deliveryJobId(deliveryId, scheduleStep);

async function jobIds(queue = "deliveries"): Promise<Set<string>> {
  const start = `{${parts.prefix}}:${queue}:`;
  const keys = await parts.redis.keys(`${start}*-s*`);
  return new Set(keys.map((key) => key.slice(start.length)));
}

/** The events whose deliveries wait in Postgres and have no job. */
async function parkedIds(): Promise<Set<string>> {
  const rows = await parts.db
    .selectFrom("deliveries")
    .select(["event_id", "id", "schedule_step"])
    .where("parked_as", "is not", null)
    .where("status", "in", ["pending", "retrying"])
    .execute();
  const inRedis = new Set([...(await jobIds()), ...(await jobIds("retries"))]);
  const waiting = rows.filter(({ id, schedule_step }) => !inRedis.has(deliveryJobId(id, schedule_step)));
  return new Set(waiting.map(({ event_id }) => event_id));
}

/** What a worker does with a job: it ends, its delivery too. */
async function endJobs(deliveries: readonly DueDelivery[], window = parts.window): Promise<void> {
  const eventIds = deliveries.map(({ eventId }) => eventId);
  await parts.db
    .updateTable("deliveries")
    .set({ status: "delivered" })
    .where("event_id", "in", eventIds)
    .execute();
  for (const delivery of deliveries) {
    await parts.redis.del(`{${parts.prefix}}:deliveries:${jobIdOf(delivery)}`);
    window.end({ ...windowOf(delivery), jobId: jobIdOf(delivery), maxInFlight: 10 });
  }
  await window.settle();
}

const sweepBacklogs = () => createBacklogSweep(parts)();
let opened: DeliveryWindow[] = [];
function windowWith(more: Partial<DeliveryWindowDeps>): DeliveryWindow {
  const window = createDeliveryWindow({
    ...parts,
    commands: createWindowCommands(parts.redis, parts.prefix),
    isMemoryShort: () => false,
    horizonMs: 60_000,
    at: nowhere,
    ...more,
  });
  opened.push(window);
  return window;
}
afterEach(async () => {
  await Promise.all(opened.map((window) => window.close()));
  opened = [];
});

test("an endpoint has its window in Redis, of first attempts and of retries, and the rest in Postgres", async () => {
  const first = await insertDue(windowSize + 150);
  const retries = await insertDue(windowSize + 20, { scheduleStep: 1, delayMs: 5_000 });
  await parts.window.offer([...first, ...retries]);
  expect(await jobIds()).toEqual(new Set(first.slice(0, windowSize).map(jobIdOf)));
  expect(await jobIds("retries")).toEqual(new Set(retries.slice(0, windowSize).map(jobIdOf)));
  const waiting = [...first.slice(windowSize), ...retries.slice(windowSize)];
  expect(await parkedIds()).toEqual(new Set(waiting.map(({ eventId }) => eventId)));
});

test("the jobs that end bring in those that wait, the longest due first, until all have been in Redis", async () => {
  const due = await insertDue(windowSize + 130);
  await parts.window.offer(due);
  const ended = new Set<string>();
  while (ended.size < due.length) {
    const inRedis = await jobIds();
    expect(inRedis.size).toBeLessThanOrEqual(windowSize);
    // None of those that wait is ahead of one in Redis.
    expect(inRedis).toEqual(new Set(due.slice(ended.size, ended.size + inRedis.size).map(jobIdOf)));
    const next = due.filter((delivery) => inRedis.has(jobIdOf(delivery))).slice(0, 60);
    await endJobs(next);
    for (const delivery of next) ended.add(jobIdOf(delivery));
    await parts.window.settle();
    if (ended.size < due.length)
      await eventually(async () => expect((await jobIds()).size).toBeGreaterThan(0));
  }
  expect(await parkedIds()).toEqual(new Set());
  // Nothing is left of the backlog: what comes next goes into Redis at once.
  const [next] = await insertDue(1);
  if (next) await parts.window.offer([next]);
  expect((await jobIds()).size).toBe(1);
});

test("what is offered again, however often, is there once and keeps its place", async () => {
  const due = await insertDue(windowSize);
  for (let time = 0; time < 3; time += 1) await parts.window.offer(due);
  expect((await jobIds()).size).toBe(windowSize);
  expect(await parkedIds()).toEqual(new Set());
});

test("a job in a worker's hand is given no place: it would outlive the job", async () => {
  const due = await insertDue(3);
  await parts.window.offer(due);
  const [taken] = due.map(jobIdOf);
  const window = `{${parts.prefix}}:window:${endpointId}:first`;
  // As after a Redis that died and forgot its windows, while a worker had the first one in hand.
  await parts.redis.set(`{${parts.prefix}}:deliveries:${taken}:lock`, "a worker's");
  await parts.redis.del(window);
  await parts.window.offer(due);
  expect(await parts.redis.zrange(window, 0, -1)).toEqual(due.slice(1).map(jobIdOf).sort());
  await parts.redis.del(window);
  await parts.db.updateTable("deliveries").set({ parked_as: "first", sweep_at: "infinity" }).execute();
  await sweepBacklogs();
  await parts.window.settle();
  expect(await parts.redis.zrange(window, 0, -1)).toEqual(due.slice(1).map(jobIdOf).sort());
  expect((await jobIds()).size).toBe(4);
});

test("places without jobs, as a restarted Redis may have them, close no window for long", async () => {
  const window = windowWith({});
  const key = `{${parts.prefix}}:window:${endpointId}:first`;
  for (let place = 0; place < windowSize; place += 1)
    await parts.redis.zadd(key, Date.now() + 180_000, `${createId()}-s0`);
  const due = await insertDue(3);
  await window.offer(due);
  expect((await parkedIds()).size).toBe(3);
  // Nobody ends a job, and no sweeper looks: the window does, a moment later.
  await eventually(async () => expect(await jobIds()).toEqual(new Set(due.map(jobIdOf))));
});

test("a delivery does not overtake those that are parked, though there is room", async () => {
  const due = await insertDue(windowSize + 10);
  await parts.window.offer(due);
  await endJobs(due.slice(0, 10));
  const [late] = await insertDue(1);
  if (!late) throw new Error("nothing was inserted");
  await parts.window.offer([late]);
  expect(await parkedIds()).toContain(late.eventId);
});

test("jobs that all end between the refusal and the parking leave nothing behind", async () => {
  const due = await insertDue(windowSize + 10);
  const commands = createWindowCommands(parts.redis, parts.prefix);
  let hasEnded = false;
  const window = windowWith({
    commands: {
      ...commands,
      async reserve(...args) {
        const reserved = await commands.reserve(...args);
        if (!hasEnded) {
          hasEnded = true;
          await endJobs(due.slice(0, windowSize));
        }
        return reserved;
      },
    },
  });
  await window.offer(due);
  await window.settle();
  expect(await parkedIds()).toEqual(new Set());
  expect([...(await jobIds())]).toEqual(expect.arrayContaining(due.slice(windowSize).map(jobIdOf)));
});

test("a Redis that lost everything gets the parked ones from the sweeper, and what comes later still waits behind them", async () => {
  const due = await insertDue(windowSize + 150);
  await parts.window.offer(due);
  await forgetRedis();
  await sweepBacklogs();
  await parts.window.settle();
  expect((await jobIds()).size).toBe(windowSize);
  expect((await parkedIds()).size).toBe(50);
  const [late] = await insertDue(1);
  if (late) await parts.window.offer([late]);
  expect((await parkedIds()).size).toBe(51);
});

test("the sweeper finds the backlog of every endpoint, past one of any size", async () => {
  const others = await Promise.all(Array.from({ length: 5 }, () => insertEndpoint(parts.db, organizationId)));
  for (const id of [endpointId, ...others]) await insertDue(id === endpointId ? 500 : 2, { endpointId: id });
  await parts.db.updateTable("deliveries").set({ parked_as: "first", sweep_at: "infinity" }).execute();
  await sweepBacklogs();
  await parts.window.settle();
  expect((await jobIds()).size).toBe(windowSize + 10);
});

test("while Redis' memory is short everything waits in Postgres; afterwards the sweeper brings it back", async () => {
  let isShort = true;
  const window = windowWith({ isMemoryShort: () => isShort });
  const due = await insertDue(3);
  await window.offer(due);
  expect((await parkedIds()).size).toBe(3);
  await createBacklogSweep({ db: parts.db, window })();
  await window.settle();
  expect(await jobIds()).toEqual(new Set());
  isShort = false;
  // The one that looked in vain keeps the others away for two seconds.
  await eventually(async () => {
    await createBacklogSweep({ db: parts.db, window })();
    await window.settle();
    expect(await jobIds()).toEqual(new Set(due.map(jobIdOf)));
  });
});

test("a disabled endpoint's backlog stays where it is, and comes out when it is enabled", async () => {
  const due = await insertDue(windowSize + 10);
  await parts.window.offer(due);
  const enable = (enabled: boolean) =>
    parts.db.updateTable("endpoints").set({ enabled }).where("id", "=", endpointId).execute();
  await enable(false);
  await endJobs(due.slice(0, windowSize));
  await parts.window.settle();
  await sweepBacklogs();
  await parts.window.settle();
  expect(await jobIds()).toEqual(new Set());
  expect((await parkedIds()).size).toBe(10);
  await enable(true);
  await sweepBacklogs();
  await parts.window.settle();
  expect((await jobIds()).size).toBe(10);
});

test("a parked retry stays in Postgres until it is nearly due", async () => {
  await insertDue(3, { scheduleStep: 2, delayMs: 3_600_000 });
  await insertDue(2, { scheduleStep: 2, delayMs: 10_000 });
  await parts.db.updateTable("deliveries").set({ parked_as: "retry", sweep_at: "infinity" }).execute();
  await sweepBacklogs();
  await parts.window.settle();
  expect((await jobIds("retries")).size).toBe(2);
});

test("an organization far above its share is overtaken by a newcomer, whose jobs go first", async () => {
  const endpoints = await Promise.all(
    Array.from({ length: 4 }, () => insertEndpoint(parts.db, organizationId)),
  );
  for (const id of endpoints) await parts.window.offer(await insertDue(windowSize, { endpointId: id }));
  const flood = await jobIds();
  organizationId = await insertOrganization(parts.db);
  endpointId = await insertEndpoint(parts.db, organizationId);
  const newcomer = (await insertDue(1)).map((delivery) => ({ ...delivery, organizationId: createId() }));
  await parts.window.offer(newcomer);
  const waiting = await parts.redis.lrange(`{${parts.prefix}}:deliveries:wait`, 0, -1);
  const overtaken = await parts.redis.zcard(`{${parts.prefix}}:deliveries:prioritized`);
  expect(waiting).toEqual(expect.arrayContaining(newcomer.map(jobIdOf)));
  expect(waiting.length + overtaken).toBe(flood.size + 1);
  expect(overtaken).toBeGreaterThanOrEqual(flood.size - 2 * windowSize);
});
