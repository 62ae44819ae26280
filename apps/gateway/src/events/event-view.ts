import type { EventHistory, EventIntent, EventRow } from "@triggers/db";
import { type EventJob, eventStatusOf, timeOfId } from "@triggers/domain";
import { attemptView, deliveryView } from "../deliveries/delivery-view.ts";

/**
 * The event as clients see it, as JSON text: the payload is spliced in as the bytes that were sent. Fields that stand
 * twice (`event_id`, `event_type`) are kept for clients of old.
 */
export function eventText(event: EventRow, more: Record<string, unknown> = {}): string {
  return withPayload(event.payload, { ...eventFields(event), ...more });
}

/** All but the payload. */
export function eventFields(event: EventRow) {
  return {
    ...idAndType(event.id, event.type),
    dedup_id: event.dedup_id,
    subscriber: event.subscriber,
    metadata: event.metadata,
    status: eventStatusOf(event.inbox_status, event.delivery_status),
    inbox_status: event.inbox_status,
    delivery_status: event.delivery_status,
    attempts: event.attempts,
    response_status: event.response_status,
    last_error: event.last_error,
    occurred_at: event.occurred_at,
    created_at: new Date(timeOfId(event.id)),
    updated_at: event.updated_at,
    ...(event.erased_at ? { erased_at: event.erased_at } : {}),
    ...cloudEventView(event.cloudevent),
  };
}

export function eventHistoryText({ event, deliveries, attempts }: EventHistory): string {
  return eventText(event, {
    deliveries: deliveries.map((delivery) => ({
      ...deliveryView(delivery),
      attempts: attempts.filter(({ delivery_id }) => delivery_id === delivery.id).map(attemptView),
    })),
  });
}

/** An accepted event that is still in the queue; it may have been acknowledged, or erased, already. */
export function queuedEventText(id: string, job: EventJob, intent: EventIntent | undefined): string {
  const acknowledgedAt = intent?.acknowledgedAt ?? undefined;
  const erasedAt = intent?.erasedAt ?? undefined;
  const createdAt = new Date(timeOfId(id));
  return withPayload(erasedAt ? null : job.payload, {
    ...idAndType(id, job.type),
    dedup_id: job.dedup ?? null,
    subscriber: job.sub ?? null,
    metadata: erasedAt ? null : (job.meta ?? null),
    status: acknowledgedAt ? "acknowledged" : "accepted",
    inbox_status: acknowledgedAt ? "acknowledged" : "available",
    delivery_status: "none",
    attempts: 0,
    response_status: null,
    last_error: null,
    occurred_at: job.at === undefined ? null : new Date(job.at),
    created_at: createdAt,
    updated_at: acknowledgedAt ?? createdAt,
    ...(erasedAt ? { erased_at: erasedAt } : {}),
    ...cloudEventView(job.ce ?? null),
    deliveries: [],
  });
}

/** Only events that came as CloudEvents have these; `data_content_type` tells what the payload is made of. */
function cloudEventView(attributes: string | null) {
  if (attributes === null) return {};
  const cloudevent = JSON.parse(attributes) as Record<string, unknown>;
  // Members that are undefined are left out of the answer.
  return {
    data_content_type: cloudevent.datacontenttype,
    cloudevent: { ...cloudevent, data_encoding: undefined },
  };
}

function idAndType(id: string, type: string) {
  return { id, event_id: id, type, event_type: type };
}

function withPayload(payload: string | null, fields: Record<string, unknown>): string {
  return `${JSON.stringify(fields).slice(0, -1)},"payload":${payload ?? "null"}}`;
}
