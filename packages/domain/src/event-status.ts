export const inboxStatuses = ["available", "leased", "acknowledged", "quarantined"] as const;

/** Where an event is on its way through the inbox. */
export type InboxStatus = (typeof inboxStatuses)[number];

/** The states of one delivery, worst first: the order in which they decide the state of their event. */
export const singleDeliveryStatuses = [
  "failed",
  "retrying",
  "pending",
  "skipped",
  "cancelled",
  "delivered",
] as const;

export type SingleDeliveryStatus = (typeof singleDeliveryStatuses)[number];

export const deliveryStatuses = ["none", ...singleDeliveryStatuses] as const;

/** The worst state over an event's deliveries; `none` when it has no delivery. */
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export const eventStatuses = [
  "accepted",
  "acknowledged",
  "quarantined",
  "failed",
  "delivered",
  "pending",
] as const;

/** The summary of both; `accepted` until the event is persisted. */
export type EventStatus = (typeof eventStatuses)[number];

/** From the number of an event's deliveries in each state; a state that is missing counts as zero. */
export function deliveryStatusOf(counts: Partial<Record<SingleDeliveryStatus, number>>): DeliveryStatus {
  return singleDeliveryStatuses.find((status) => (counts[status] ?? 0) > 0) ?? "none";
}

/** The summary of a persisted event; the first that applies. */
export function eventStatusOf(
  inbox: InboxStatus,
  delivery: DeliveryStatus,
): Exclude<EventStatus, "accepted"> {
  if (inbox === "acknowledged" || inbox === "quarantined") return inbox;
  if (delivery === "failed" || delivery === "delivered") return delivery;
  return "pending";
}
