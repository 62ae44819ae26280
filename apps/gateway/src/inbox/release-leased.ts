import { type Database, findStoredIds, isLeaseLive, releaseLease } from "@triggers/db";
import type { FailedResult } from "./held-results.ts";
import { notHeld } from "./held-results.ts";
import type { ReleaseBody } from "./lease-schemas.ts";
import { leaseExpired, requireLease } from "./require-lease.ts";

export type ReleaseResult = { event_id: string; status: "released" } | FailedResult;

/** One result per event that is named, in order, or per event that the lease held. */
export async function releaseLeased(
  { db }: { db: Database },
  organizationId: string,
  body: ReleaseBody,
): Promise<ReleaseResult[]> {
  const lease = { organizationId, leaseId: body.lease_id };
  requireLease(organizationId, body.lease_id);
  const options = { eventIds: body.event_ids, delaySeconds: body.delay_seconds };
  const released = await releaseLease(db, lease, options);
  if (released.size === 0 && !(body.event_ids && (await isLeaseLive(db, lease)))) throw leaseExpired();
  const eventIds = body.event_ids ?? [...released].sort();
  const others = eventIds.filter((id) => !released.has(id));
  const stored = others.length > 0 ? await findStoredIds(db, organizationId, others) : new Set<string>();
  return eventIds.map((id) =>
    released.has(id) ? { event_id: id, status: "released" } : notHeld(id, stored.has(id)),
  );
}
