import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { callApi, eventually } from "@triggers/testing";
import { leaseWhenAvailable } from "../src/inbox/lease-when-available.ts";
import type { InboxWaiters } from "../src/inbox/inbox-waiters.ts";
import { type Consumer, startTestInbox, type TestInbox } from "./start-inbox.ts";

let inbox: TestInbox;
let consumer: Consumer;
beforeAll(async () => {
  inbox = await startTestInbox();
});
beforeEach(async () => {
  consumer = await inbox.createConsumer();
});
afterAll(() => inbox.stop());

const never = new AbortController().signal;
const lease = (waitForEvents: InboxWaiters["waitForEvents"], gone = never, waitMs = 20_000, db = inbox.db) =>
  leaseWhenAvailable(
    { db, waitForEvents, maxLeases: 5 },
    { organizationId: consumer.organizationId, limit: 10, leaseSeconds: 60, hasWebhookEvents: false },
    { waitMs, gone },
  );
const noWait: InboxWaiters["waitForEvents"] = () => Promise.reject(new Error("it waited"));

test("what is there is leased without any waiting", async () => {
  await consumer.store(1);
  expect((await lease(noWait))?.events).toHaveLength(1);
});

test("an event that comes just before the waiting begins is not waited for", async () => {
  let stored: Promise<string[]> | undefined;
  // Committed after the consumer has found nothing, and nobody will wake it.
  const db = inbox.db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      await (stored ??= consumer.store(1));
      return result;
    },
  });
  const found = await lease(
    async (_organizationId, { signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return "timed_out";
    },
    never,
    20_000,
    db,
  );
  expect(found?.events.map(({ id }) => id)).toEqual(await stored);
});

test("waiting goes on after being woken for nothing, and ends in time", async () => {
  let woken = 0;
  const found = await lease(
    async (organizationId, { timeoutMs }) => {
      expect(organizationId).toBe(consumer.organizationId);
      expect(timeoutMs).toBeLessThanOrEqual(300);
      await new Promise((resolve) => setTimeout(resolve, Math.min(50, timeoutMs)));
      woken += 1;
      return "woken";
    },
    never,
    300,
  );
  expect(found).toBeUndefined();
  expect(woken).toBeGreaterThan(1);
});

test("a refusal to wait reaches the client", async () => {
  await expect(lease(noWait)).rejects.toThrow("it waited");
});

test("a consumer that went away while it waited leases nothing that comes then", async () => {
  const gone = new AbortController();
  const waiting = lease(async () => {
    gone.abort();
    await consumer.store(1);
    return "woken";
  }, gone.signal);
  expect(await waiting).toBeUndefined();
  expect(await consumer.stats()).toEqual({ available: 1, leased: 0, quarantined: 0 });
});

test("a lease that is made while its consumer goes away is undone, and not counted", async () => {
  await consumer.store(2);
  const gone = new AbortController();
  const leasing = lease(noWait, gone.signal);
  gone.abort();
  expect(await leasing).toBeUndefined();
  expect((await consumer.lease()).events).toMatchObject([{ lease_count: 1 }, { lease_count: 1 }]);
});

test("over HTTP too, a consumer that hangs up takes no event with it", async () => {
  const gone = new AbortController();
  const headers = { "x-api-key": consumer.apiKey, "content-type": "application/json" };
  const init = { method: "POST", headers, body: '{"wait_seconds":20}', signal: gone.signal };
  const waiting = fetch(`${inbox.gateway.url}/api/inbox/lease`, init);
  // It has been admitted, at the latest, when a later request with the same key is answered.
  await consumer.stats();
  gone.abort();
  await expect(waiting).rejects.toThrow();
  const [id] = await consumer.store(1);
  const { events } = await consumer.lease({ wait_seconds: 20 });
  expect(events).toMatchObject([{ id, lease_count: 1 }]);
});

test("what another consumer gives back, or an operator redrives, wakes who waits for it", async () => {
  // Nothing but the message wakes anybody here.
  const quiet = await startTestInbox({ WAKE_UP_CHECK_MS: "600000", MAX_LEASES: "2" });
  consumer = await quiet.createConsumer();
  const [id = ""] = await consumer.store(1);
  const leaseWhileWaiting = async (giveBack: () => Promise<unknown>) => {
    const waiting = consumer.lease({ wait_seconds: 20, lease_seconds: 3_600 });
    await eventually(async () => {
      const { text } = await callApi(quiet.gateway.url, "GET", "/metrics");
      expect(text).toMatch(/^triggers_inbox_waiting_readers\{kind="lease"\} 1$/m);
    });
    const startedAt = performance.now();
    await giveBack();
    const leased = await waiting;
    expect(performance.now() - startedAt).toBeLessThan(12_000);
    return leased;
  };
  const first = await consumer.lease({ lease_seconds: 3_600 });
  const second = await leaseWhileWaiting(() => consumer.post("release", { lease_id: first.lease_id }));
  expect(second.events).toMatchObject([{ id, lease_count: 2 }]);
  // That was its last lease.
  await consumer.post("release", { lease_id: second.lease_id });
  expect(await consumer.inboxStatusOf(id)).toBe("quarantined");
  const third = await leaseWhileWaiting(() => consumer.post("redrive", { event_ids: [id] }));
  expect(third.events).toMatchObject([{ id }]);
  await quiet.stop();
}, 60_000);
