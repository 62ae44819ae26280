import {
  type Database,
  type EventRow,
  findNextReturnMs,
  leaseEvents,
  type LeaseRequest,
  undoLease,
} from "@triggers/db";
import { createLeaseId } from "@triggers/domain";
import type { WaitForEvents } from "./wait-for-events.ts";

export interface LeaseDeps {
  db: Database;
  waitForEvents: WaitForEvents;
  /** After so many leases without an ack an event is quarantined. */
  maxLeases: number;
}

export interface Leased {
  leaseId: string;
  events: EventRow[];
}

/**
 * Leases what there is, or what comes within `waitMs`. While it waits it holds no connection. Undefined when there was
 * nothing, or when the client is gone (`gone`): a lease that was made by then is undone, so that nobody has to wait for its end.
 */
export async function leaseWhenAvailable(
  deps: LeaseDeps,
  request: Omit<LeaseRequest, "leaseId" | "maxLeases">,
  { waitMs, gone }: { waitMs: number; gone: AbortSignal },
): Promise<Leased | undefined> {
  const endsAt = performance.now() + waitMs;
  const lease = async (): Promise<Leased | undefined> => {
    if (gone.aborted) return undefined;
    const leaseId = createLeaseId(request.organizationId);
    const events = await leaseEvents(deps.db, { ...request, leaseId, maxLeases: deps.maxLeases });
    if (!isGone(gone)) return events.length > 0 ? { leaseId, events } : undefined;
    if (events.length > 0) await undoLease(deps.db, { organizationId: request.organizationId, leaseId });
    return undefined;
  };

  let leased = await lease();
  for (let leftMs = waitMs; !leased && leftMs > 0 && !isGone(gone);) {
    // What comes back from another consumer's lease wakes nobody.
    const nextReturnMs = (await findNextReturnMs(deps.db, request.organizationId)) ?? Infinity;
    const over = new AbortController();
    const waiting = deps.waitForEvents(request.organizationId, {
      timeoutMs: Math.min(leftMs, nextReturnMs),
      signal: AbortSignal.any([gone, over.signal]),
    });
    waiting.catch(() => undefined);
    try {
      // Asked once more now that it would be woken: what came in between wakes nobody.
      leased = await lease();
      if (!leased) await waiting;
    } finally {
      over.abort();
    }
    leftMs = endsAt - performance.now();
    if (!leased && leftMs <= 0) leased = await lease();
  }
  return leased;
}

/** The compiler takes a signal for unchanged over an await. */
function isGone(signal: AbortSignal): boolean {
  return signal.aborted;
}
