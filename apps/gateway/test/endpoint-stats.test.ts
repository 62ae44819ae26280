import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createDatabase, createPartitions, type Database, daysOfIds } from "@triggers/db";
import { createEventId, createId, deliveryIdOf } from "@triggers/domain";
import type { ApiClient } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;
let db: Database;

beforeAll(async () => {
  gateway = await startTestGateway();
  client = await gateway.createClient();
  db = createDatabase({
    url: gateway.settings.DATABASE_URL ?? "",
    applicationName: "test",
    maxConnections: 1,
    onConnectionError: () => undefined,
  });
});
afterAll(async () => {
  await db.destroy();
  await gateway.stop();
});

const hourMs = 3_600_000;
const create = async () =>
  (await client.request("POST", "/api/endpoints", { url: "https://hooks.example.test/" })).body.id as string;
const statsOf = (id: string) => client.request("GET", `/api/endpoints/${id}/stats`);

/** A delivery of an event of that age, with attempts of these ages and durations. */
async function insertDelivery(
  endpointId: string,
  status: "pending" | "retrying" | "delivered" | "failed",
  ageMs: number,
  attempts: { ageMs: number; durationMs: number; errorCode: string | null }[] = [],
): Promise<void> {
  const eventId = createEventId(Date.now() - ageMs);
  await createPartitions(db, daysOfIds([eventId]));
  const ids = { event_id: eventId, endpoint_id: endpointId, organization_id: client.organizationId };
  const deliveryId = deliveryIdOf(eventId, endpointId);
  await db
    .insertInto("deliveries")
    .values({ ...ids, id: deliveryId, status })
    .execute();
  for (const [index, { ageMs: age, durationMs, errorCode }] of attempts.entries()) {
    await db
      .insertInto("attempts")
      .values({
        ...ids,
        ...{ delivery_id: deliveryId, number: index + 1, trigger: "schedule", duration_ms: durationMs },
        ...{ started_at: new Date(Date.now() - age), error_code: errorCode },
      })
      .execute();
  }
}

test("stats count the last 24 hours of one endpoint, and tell how old its oldest open delivery is", async () => {
  const [id, other] = [await create(), await create()];
  const bad = { ageMs: hourMs, durationMs: 900, errorCode: "http_status" };
  const good = { ageMs: hourMs, durationMs: 100, errorCode: null };
  await insertDelivery(id, "delivered", hourMs, [bad, good]);
  await insertDelivery(id, "delivered", hourMs, [good]);
  await insertDelivery(id, "delivered", hourMs, [{ ...good, durationMs: 50 }]);
  await insertDelivery(id, "failed", 2 * hourMs, []);
  await insertDelivery(id, "pending", hourMs);
  // Accepted before the window: its event is not counted, its attempt of an hour ago is, and it is the oldest.
  await insertDelivery(id, "retrying", 50 * hourMs, [{ ...bad, ageMs: 49 * hourMs }, bad]);
  await insertDelivery(other, "pending", 60 * hourMs, [bad]);

  const { status, body } = await statsOf(id);
  expect(status).toBe(200);
  expect(body).toEqual({
    endpoint_id: id,
    deliveries: {
      ...{
        since: expect.any(String),
        pending: 1,
        retrying: 0,
        delivered: 3,
        failed: 1,
        skipped: 0,
        cancelled: 0,
      },
    },
    attempts: {
      ...{ since: expect.any(String), total: 5, succeeded: 3, success_rate: 0.6 },
      ...{ duration_ms_p50: 100, duration_ms_p95: 900 },
    },
    oldest_pending_age_seconds: expect.any(Number),
    failing_since: null,
  });
  expect(Math.abs(body.oldest_pending_age_seconds - 50 * 3_600)).toBeLessThan(120);
  for (const part of [body.deliveries, body.attempts])
    expect(Math.abs(Date.parse(part.since as string) - (Date.now() - 24 * hourMs))).toBeLessThan(120_000);
});

test("of an endpoint that got nothing they are empty, of one that is not there a 404", async () => {
  const { body } = await statsOf(await create());
  expect(body).toMatchObject({
    deliveries: { pending: 0, delivered: 0 },
    attempts: { total: 0, succeeded: 0, success_rate: null, duration_ms_p50: null, duration_ms_p95: null },
    oldest_pending_age_seconds: null,
  });
  expect((await statsOf(createId())).status).toBe(404);
});
