import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { callApi, runSql } from "@triggers/testing";
import { type Consumer, startTestInbox, type TestInbox } from "./start-inbox.ts";

let inbox: TestInbox;
let consumer: Consumer;
beforeAll(async () => {
  inbox = await startTestInbox({ MAX_LEASES: "1" });
  consumer = await inbox.createConsumer();
});
afterAll(() => inbox.stop());

const figures = async () => {
  const { text } = await callApi(inbox.gateway.url, "GET", "/metrics");
  const lines = text.split("\n").filter((line) => /^triggers_inbox_(events|oldest)/.test(line));
  return Object.fromEntries(lines.map((line) => line.split(" ") as [string, string]));
};
const stats = async () => (await consumer.request("GET", "/api/inbox/stats")).body as Record<string, number>;

test("the metrics count over all organizations, name none, and cost nothing while nobody scrapes", async () => {
  const other = await inbox.createConsumer();
  await consumer.store(3);
  const [poison] = await other.store(4);
  const { lease_id } = await other.lease({ limit: 2 });
  await other.post("release", { lease_id, event_ids: [poison] });
  expect(await figures()).toEqual({
    'triggers_inbox_events{state="available"}': "5",
    'triggers_inbox_events{state="leased"}': "1",
    'triggers_inbox_events{state="quarantined"}': "1",
    triggers_inbox_oldest_available_age_seconds: expect.stringMatching(/^\d+\.\d+$/),
  });
  // The second scrape is answered from memory.
  await consumer.store(1);
  expect((await figures())['triggers_inbox_events{state="available"}']).toBe("5");
});

test("beyond ten thousand the stats are an estimate, and say so", async () => {
  const many = await inbox.createConsumer();
  const request = async () => (await many.request("GET", "/api/inbox/stats")).body as Record<string, number>;
  for (let n = 0; n < 5; n++) await many.store(2_500);
  expect(await request()).toMatchObject({ available: 12_500, leased: 0, estimated: true });
  await runSql(
    inbox.gateway.settings.DATABASE_URL ?? "",
    `UPDATE events SET inbox_status = 'acknowledged' WHERE organization_id = '${many.organizationId}' AND position <= 5000`,
  );
  expect(await request()).toMatchObject({ available: 7_500, leased: 0, estimated: false });
});

test("the age is that of the event which is first in line", async () => {
  const { db } = inbox;
  const age = async () => (await stats()).oldest_age_seconds ?? 0;
  const before = await age();
  expect(before).toBeGreaterThan(0);
  const first = await db
    .selectFrom("events")
    .select("id")
    .where("organization_id", "=", consumer.organizationId)
    .orderBy("position")
    .executeTakeFirstOrThrow();
  await consumer.post("ack", { event_ids: [first.id] });
  expect((await stats()).available).toBe(3);
});
