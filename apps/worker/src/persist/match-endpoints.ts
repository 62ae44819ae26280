import type { EndpointFilter } from "@triggers/db";
import { matchesEventType } from "@triggers/domain";

/**
 * The endpoints that an event goes to. An event with a subscriber goes to that subscriber's endpoints and to those
 * without one; an event without goes only to endpoints without.
 */
export function matchEndpoints(
  event: { type: string; subscriber: string | null },
  endpoints: readonly EndpointFilter[],
): EndpointFilter[] {
  return endpoints.filter(
    ({ subscriber, eventTypes }) =>
      (subscriber === null || subscriber === event.subscriber) && matchesEventType(eventTypes, event.type),
  );
}
