import { acknowledgeEvents } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import type { LookupDeps } from "../events/find-event.ts";
import { acknowledgeEvent } from "./acknowledge-event.ts";

export type AckResult =
  | { event_id: string; status: "acknowledged"; acknowledged_at: Date }
  | { event_id: string; status: "failed"; code: string; detail: string };

/** One result per id, in order. What is stored takes one statement; only the rest is looked up one by one. */
export async function acknowledgeBatch(
  deps: LookupDeps,
  organizationId: string,
  eventIds: readonly string[],
): Promise<AckResult[]> {
  const stored = await acknowledgeEvents(deps.db, organizationId, [...new Set(eventIds)]);
  const results: AckResult[] = [];
  for (const eventId of eventIds) {
    try {
      const acknowledged_at = stored.get(eventId) ?? (await acknowledgeEvent(deps, organizationId, eventId));
      stored.set(eventId, acknowledged_at);
      results.push({ event_id: eventId, status: "acknowledged", acknowledged_at });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      results.push({ event_id: eventId, status: "failed", code: error.code, detail: error.message });
    }
  }
  return results;
}
