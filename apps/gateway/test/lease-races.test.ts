import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { runSql } from "@triggers/testing";
import type { TestGateway } from "./start-test-gateway.ts";
import { type Consumer, idsOf, type Lease, startTestInbox, type TestInbox } from "./start-inbox.ts";

let inbox: TestInbox;
let other: TestGateway;
let consumer: Consumer;
beforeAll(async () => {
  inbox = await startTestInbox({ MAX_LEASES: "1000" });
  other = await inbox.gateway.startAnother();
});
beforeEach(async () => {
  consumer = await inbox.createConsumer();
});
afterAll(() => inbox.stop());

const urlOf = (n: number) => (n % 2 === 0 ? inbox.gateway.url : other.url);
const count = (ids: readonly string[]) => new Set(ids).size;
/** So many consumers at once, over two gateways, each until it finds nothing more. */
async function drain(
  consumers: number,
  work: (lease: Lease, n: number) => Promise<unknown>,
): Promise<string[]> {
  const seen: string[] = [];
  const consume = async (_: unknown, n: number) => {
    for (;;) {
      const lease = await consumer.lease({ limit: 7 }, urlOf(n));
      if (lease.events.length === 0) return;
      seen.push(...idsOf(lease));
      await work(lease, n);
    }
  };
  await Promise.all(Array.from({ length: consumers }, consume));
  return seen;
}

test("of 16 consumers over two gateways each gets events of its own, and all get every event once", async () => {
  const ids = await consumer.store(600);
  const seen = await drain(16, () => Promise.resolve());
  expect(seen).toHaveLength(600);
  expect(seen.sort()).toEqual(ids.sort());
});

test("the same while they acknowledge, by lease and by id", async () => {
  const ids = await consumer.store(600);
  const seen = await drain(16, ({ lease_id, events }, n) =>
    consumer.post("ack", n % 3 === 0 ? { event_ids: events.map(({ id }) => id) } : { lease_id }),
  );
  expect(seen.sort()).toEqual(ids.sort());
  expect(await consumer.stats()).toEqual({ available: 0, leased: 0, quarantined: 0 });
});

test("no two live leases ever hold the same event under races of lease, extend, release, expiry and ack", async () => {
  const ids = await consumer.store(60);
  // Postgres itself writes down what each lease took, and from whom.
  const url = inbox.gateway.settings.DATABASE_URL ?? "";
  await runSql(
    url,
    "CREATE TABLE held_log (event_id uuid, was uuid, was_until timestamptz, now timestamptz)",
    `CREATE FUNCTION log_lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.lease_id IS DISTINCT FROM OLD.lease_id AND NEW.lease_id IS NOT NULL THEN
        INSERT INTO held_log VALUES (NEW.id, OLD.lease_id, OLD.leased_until, now());
      END IF;
      RETURN NEW;
    END $$`,
    "CREATE TRIGGER log_lease BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION log_lease()",
  );
  const acknowledged: string[] = [];
  const endsAt = performance.now() + 4_000;
  const consume = async (_: unknown, n: number) => {
    for (let turn = n; performance.now() < endsAt; turn++) {
      const { lease_id, events } = await consumer.lease({ limit: 5, lease_seconds: 1 }, urlOf(n));
      if (events.length === 0) continue;
      const [first] = events;
      if (turn % 4 === 0) await consumer.post("extend", { lease_id, lease_seconds: 1 });
      if (turn % 4 === 1) await consumer.post("release", { lease_id });
      if (turn % 4 === 2) {
        const { body } = await consumer.post("ack", { lease_id, event_ids: [first?.id] });
        if (body.acknowledged === 1) acknowledged.push(first?.id ?? "");
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, consume));

  const [log] = await runSql<{ overlaps: number; leases: number }>(
    url,
    `SELECT count(*) FILTER (WHERE was IS NOT NULL AND was_until > now)::int AS overlaps, count(*)::int AS leases
     FROM held_log`,
  );
  expect(log?.overlaps).toBe(0);
  expect(log?.leases).toBeGreaterThan(60);
  expect(count(acknowledged)).toBe(acknowledged.length);
  expect((await consumer.list("status=acknowledged")).sort()).toEqual(acknowledged.sort());
  expect((await consumer.list("status=all")).sort()).toEqual(ids.sort());
});

test("events whose rows somebody else has locked are passed over, not waited for", async () => {
  const [locked = "", free] = await consumer.store(2);
  await inbox.db.transaction().execute(async (tx) => {
    await tx.selectFrom("events").select("id").where("id", "=", locked).forUpdate().execute();
    expect(idsOf(await consumer.lease())).toEqual([free]);
  });
  expect(idsOf(await consumer.lease())).toEqual([locked]);
});

test("a day's partition that retention drops takes its leased events along, and harms no verb", async () => {
  const [id = "", kept] = await consumer.store(2);
  const { lease_id } = await consumer.lease();
  await inbox.db.deleteFrom("events").where("id", "=", id).execute();
  const { body } = await consumer.post("ack", { lease_id, event_ids: [id, kept] });
  expect(body.results).toMatchObject([
    { event_id: id, code: "not_found" },
    { event_id: kept, status: "acknowledged" },
  ]);
});
