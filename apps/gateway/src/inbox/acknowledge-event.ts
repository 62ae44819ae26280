import { acknowledgeEvents, acknowledgeQueuedEvent } from "@triggers/db";
import { type LookupDeps, lookUpEvent } from "../events/find-event.ts";

/** Again, and right after the 202 too, the same answer: when the event was first acknowledged. */
export async function acknowledgeEvent(
  deps: LookupDeps,
  organizationId: string,
  eventId: string,
): Promise<Date> {
  const found = await lookUpEvent(deps, organizationId, eventId, async () => {
    const acknowledged = await acknowledgeEvents(deps.db, organizationId, [eventId]);
    return acknowledged.get(eventId);
  });
  if ("stored" in found) return found.stored;
  return acknowledgeQueuedEvent(deps.db, organizationId, eventId);
}
