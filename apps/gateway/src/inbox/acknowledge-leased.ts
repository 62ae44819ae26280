import { acknowledgeLease, type Database } from "@triggers/db";
import type { AckResult } from "./acknowledge-events.ts";
import { notHeld } from "./held-results.ts";
import { leaseExpired, requireLease } from "./require-lease.ts";

/**
 * Acknowledges by lease: one result per event that is named, in order, or per event that the lease held. An event that
 * was acknowledged before counts as done; when there is nothing to do and never was, the lease is over.
 */
export async function acknowledgeLeased(
  { db }: { db: Database },
  organizationId: string,
  leaseId: string,
  eventIds?: readonly string[],
): Promise<AckResult[]> {
  requireLease(organizationId, leaseId);
  const found = await acknowledgeLease(db, { organizationId, leaseId }, eventIds && [...new Set(eventIds)]);
  const times = [...found.values()].filter((time) => time !== null);
  if (times.length === 0) throw leaseExpired();
  return (eventIds ?? [...found.keys()].sort()).map((event_id) => {
    const acknowledged_at = found.get(event_id);
    return acknowledged_at
      ? { event_id, status: "acknowledged", acknowledged_at }
      : notHeld(event_id, found.has(event_id));
  });
}
