import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { acknowledgeQueuedEvent, eraseQueuedEvent } from "@triggers/db";
import { createEventId, type EventJob } from "@triggers/domain";
import { nowhere } from "../src/fault-points.ts";
import { createEventProcessor, type PersistEventsDeps } from "../src/persist/persist-events.ts";
import { createWorkerParts, insertEndpoint, insertOrganization, type WorkerParts } from "./worker-parts.ts";

let parts: WorkerParts;
let organizationId: string;

beforeAll(async () => {
  parts = await createWorkerParts();
});
beforeEach(async () => {
  organizationId = await insertOrganization(parts.db);
  await insertEndpoint(parts.db, organizationId);
});
afterAll(() => parts.stop());

/** Persists an event with the payload that a worker had in hand before anybody erased it. */
async function persist(id: string, stalls: number, more: Partial<PersistEventsDeps> = {}): Promise<void> {
  const deps = { ...parts, at: nowhere, isDeliveryDisabled: false, drained: new AbortController().signal };
  const data: EventJob = {
    ...{ v: 1, org: organizationId, type: "a", payload: '"secret"', meta: { name: "secret" } },
  };
  const postpone = () => Promise.reject(new Error("postponed"));
  await createEventProcessor({ ...deps, ...more })({
    id,
    data,
    failures: 0,
    ...{ stalls, timesAlone: stalls, noteAlone: () => Promise.resolve() },
    postpone,
  });
}

const storedEvent = (id: string) =>
  parts.db.selectFrom("events").selectAll().where("id", "=", id).executeTakeFirst();

const erased = {
  ...{ payload: null, metadata: null, erased_at: expect.any(Date) },
  ...{ inbox_status: "acknowledged", delivery_status: "none" },
};

test("an event that was erased while a worker had it in hand is stored without its content and goes nowhere", async () => {
  const id = createEventId(Date.now());
  await eraseQueuedEvent(parts.db, organizationId, id);
  await persist(id, 0);
  expect(await storedEvent(id)).toMatchObject(erased);
});

test("an erasure in the middle of the transaction waits for it, and then finds the event stored", async () => {
  const id = createEventId(Date.now());
  let erasure: Promise<void> | undefined;
  await persist(id, 0, {
    at: async (point) => {
      if (point !== "persist: in transaction") return;
      erasure = eraseQueuedEvent(parts.db, organizationId, id);
      // Time enough for an erasure that waits for nobody.
      for (let n = 0; n < 50; n += 1) await storedEvent(id);
    },
  });
  await erasure;
  expect(await storedEvent(id)).toMatchObject({ ...erased, delivery_status: "cancelled" });
});

test("an acknowledged event can be erased too, and keeps the time of its acknowledgement", async () => {
  const id = createEventId(Date.now());
  const acknowledgedAt = await acknowledgeQueuedEvent(parts.db, organizationId, id);
  await eraseQueuedEvent(parts.db, organizationId, id);
  await persist(id, 0);
  expect(await storedEvent(id)).toMatchObject({ ...erased, acknowledged_at: acknowledgedAt });
});

test("a dead letter of an erased event holds nothing of it, whichever came first", async () => {
  const [before, after] = [createEventId(Date.now()), createEventId(Date.now())];
  await eraseQueuedEvent(parts.db, organizationId, before);
  await persist(before, 10);
  await persist(after, 10);
  await eraseQueuedEvent(parts.db, organizationId, after);
  const letters = await parts.db
    .selectFrom("dead_letters")
    .select(["job", "reason"])
    .where("event_id", "in", [before, after])
    .execute();
  expect(letters).toEqual([
    { job: Buffer.alloc(0), reason: "erased" },
    { job: Buffer.alloc(0), reason: "erased" },
  ]);
});
