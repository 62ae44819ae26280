import type { Target } from "./http-connection.ts";
import { sendLoad } from "./send-load.ts";

export const slotsPerSubscriber = 3;

export type EndpointKind = "healthy" | "failing" | "hanging";

/** One organization's subscribers with three endpoints each, numbered through. */
export interface EndpointCrowd {
  subscribers: number;
  /** Whether 5 % of the endpoints fail and 2 % hang; else all are healthy. */
  isMixed: boolean;
}

/** Spread, so that a subscriber has one bad endpoint at most or nearly so: 150 and 60 of 3 000. */
export function kindOf({ isMixed }: EndpointCrowd, endpoint: number): EndpointKind {
  if (isMixed && endpoint % 20 === 0) return "failing";
  return isMixed && endpoint % 50 === 7 ? "hanging" : "healthy";
}

export const subscriberOf = ({ subscribers }: EndpointCrowd, event: number) => event % subscribers;

/** The kind of the endpoint in that slot of the subscriber whom the event is for. */
export function kindOfArrival(crowd: EndpointCrowd, event: number, slot: number): EndpointKind {
  return kindOf(crowd, subscriberOf(crowd, event) * slotsPerSubscriber + slot);
}

/** Saves all endpoints through the API, some at a time: 3 000 take seconds. */
export async function saveEndpoints(
  target: Target,
  receiverUrl: string,
  crowd: EndpointCrowd,
): Promise<void> {
  await sendLoad({
    target: { ...target, path: "/api/endpoints" },
    connections: 16,
    requests: crowd.subscribers * slotsPerSubscriber,
    accepts: [201],
    bodyOf: (endpoint) =>
      JSON.stringify({
        url: `${receiverUrl}/${kindOf(crowd, endpoint)}/${endpoint % slotsPerSubscriber}`,
        subscriber: `subscriber-${Math.floor(endpoint / slotsPerSubscriber)}`,
      }),
  });
}
