import { type Database, redriveEvents } from "@triggers/db";
import type { FailedResult } from "./held-results.ts";
import { notHeld } from "./held-results.ts";

export type RedriveResult = { event_id: string; status: "redriven" } | FailedResult;

/** One result per id, in order; only quarantined events are put back. */
export async function redrive(
  { db }: { db: Database },
  organizationId: string,
  eventIds: readonly string[],
): Promise<RedriveResult[]> {
  const found = await redriveEvents(db, organizationId, [...new Set(eventIds)]);
  return eventIds.map((id) => {
    const status = found.get(id);
    if (status === undefined) return notHeld(id, false);
    if (status === "quarantined") return { event_id: id, status: "redriven" };
    const detail = `The event is ${status}; only quarantined ones are put back.`;
    return { event_id: id, status: "failed", code: "not_quarantined", detail };
  });
}
