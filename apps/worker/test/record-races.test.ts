import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  type AttemptRecord,
  claimDeliveries,
  createPartitions,
  daysAhead,
  insertDeliveries,
  recordAttempts,
  renewClaims,
} from "@triggers/db";
import { createEventId, createId, deliveryIdOf } from "@triggers/domain";
import { createWorkerParts, insertEndpoint, insertOrganization, type WorkerParts } from "./worker-parts.ts";

let parts: WorkerParts;
beforeAll(async () => {
  parts = await createWorkerParts();
  await createPartitions(parts.db, daysAhead(Date.now(), 0));
});
afterAll(() => parts.stop());

/** Events with a pending delivery to each of the endpoints, all claimed. */
async function insertClaimed(organizationId: string, endpointIds: string[], count: number) {
  const eventIds = Array.from({ length: count }, () => createEventId(Date.now()));
  await parts.db
    .insertInto("events")
    .values(
      eventIds.map((id, index) => ({
        ...{ id, organization_id: organizationId, position: index + 1, type: "order.created", payload: "{}" },
        pending_deliveries: endpointIds.length,
      })),
    )
    .execute();
  const pairs = eventIds.flatMap((eventId) => endpointIds.map((endpointId) => ({ eventId, endpointId })));
  await insertDeliveries(
    parts.db,
    pairs.map(({ eventId, endpointId }) => ({
      ...{ id: deliveryIdOf(eventId, endpointId), eventId, endpointId, organizationId },
      ...{ status: "pending" as const, isParked: false },
    })),
  );
  const requests = pairs.map((pair) => ({
    ...pair,
    ...{ scheduleStep: 0, isManual: false, claimId: createId() },
  }));
  const claimed = await claimDeliveries(parts.db, requests, 60_000);
  expect(claimed).toHaveLength(requests.length);
  return requests;
}

const delivered = (claim: { eventId: string; endpointId: string; claimId: string }): AttemptRecord => ({
  ...claim,
  ...{ trigger: "schedule", startedAt: new Date(), durationMs: 1, responseStatus: 200, errorCode: null },
  ...{ errorDetail: null, responseHeaders: {}, responseBody: Buffer.of(), status: "delivered" },
  ...{ scheduleStep: 0, failureId: createId(), isInterrupted: false, delayMs: null },
});

test("a record counts once, whatever renews claims and records other endpoints of the same events meanwhile", async () => {
  for (let round = 0; round < 30; round += 1) {
    const organizationId = await insertOrganization(parts.db);
    const endpointIds = await Promise.all([1, 2].map(() => insertEndpoint(parts.db, organizationId)));
    const claims = await insertClaimed(organizationId, endpointIds, 20);
    const ofEndpoint = endpointIds.map((id) => claims.filter(({ endpointId }) => endpointId === id));
    const [, ...recorded] = await Promise.all([
      renewClaims(parts.db, claims, 60_000),
      ...ofEndpoint.map((own) => recordAttempts(parts.db, own.map(delivered), 0)),
      renewClaims(parts.db, claims, 60_000),
    ]);
    expect(recorded.slice(0, 2).map((attempts) => [...attempts].length)).toEqual([20, 20]);
    const events = await parts.db
      .selectFrom("events")
      .select(["pending_deliveries", "delivered_deliveries", "attempts"])
      .where("organization_id", "=", organizationId)
      .execute();
    expect(new Set(events.map((event) => JSON.stringify(event)))).toEqual(
      new Set(['{"pending_deliveries":0,"delivered_deliveries":2,"attempts":2}']),
    );
  }
});
