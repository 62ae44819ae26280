import type { AttemptRow, DeliveryRow, ListedDelivery } from "@triggers/db";

/** What is shown of a delivery wherever one is shown. */
export function deliveryView(delivery: DeliveryRow) {
  const isOpen = delivery.status === "pending" || delivery.status === "retrying";
  return {
    id: delivery.id,
    event_id: delivery.event_id,
    endpoint_id: delivery.endpoint_id,
    status: delivery.status,
    attempt_count: delivery.attempts,
    next_attempt_at: isOpen ? delivery.next_attempt_at : null,
    response_status: delivery.response_status,
    error_code: delivery.error_code,
    created_at: delivery.created_at,
    updated_at: delivery.updated_at,
  };
}

export function attemptView(attempt: AttemptRow) {
  return {
    number: attempt.number,
    trigger: attempt.trigger,
    started_at: attempt.started_at,
    duration_ms: attempt.duration_ms,
    response_status: attempt.response_status,
    error_code: attempt.error_code,
    error_detail: attempt.error_detail,
    response_headers: attempt.response_headers,
    response_body: attempt.response_body?.toString("utf8") ?? null,
  };
}

/** In lists, where the event does not stand beside it. */
export function listedDeliveryView(delivery: ListedDelivery) {
  return { ...deliveryView(delivery), event_type: delivery.type, subscriber: delivery.subscriber };
}
