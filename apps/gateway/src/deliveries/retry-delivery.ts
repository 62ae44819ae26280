import { type Database, type DeliveryRow, requestAttempt, type RequestedAttempt } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import type { DeliveryQueues } from "@triggers/queues";
import type { Logger } from "@triggers/runtime";

export interface RetryDeps {
  db: Database;
  deliveryQueues: DeliveryQueues;
  logger: Logger;
}

/**
 * Asks for one more attempt. Postgres first: where the job cannot be added after it, the attempt is late by as long as
 * the sweeper takes to find it.
 */
export async function retryDelivery(
  { db, deliveryQueues, logger }: RetryDeps,
  organizationId: string,
  id: string,
): Promise<DeliveryRow> {
  const asked = await requestAttempt(db, organizationId, id);
  if (asked.outcome !== "requested") throw refusals[asked.outcome]();
  const { delivery } = asked;
  await deliveryQueues
    .enqueueRequested([
      {
        deliveryId: delivery.id,
        eventId: delivery.event_id,
        endpointId: delivery.endpoint_id,
        number: delivery.attempts + 1,
      },
    ])
    .catch((error: unknown) => {
      logger.warn("a requested attempt waits for the sweeper", { deliveryId: id, error });
    });
  return delivery;
}

const refusals: Record<Exclude<RequestedAttempt["outcome"], "requested">, () => DomainError> = {
  not_found: () => new DomainError("not_found", "There is no such delivery."),
  busy: () => new DomainError("delivery_busy", "An attempt is under way, or was asked for already."),
  endpoint_deleted: () => new DomainError("endpoint_deleted", "The delivery's endpoint is deleted."),
  endpoint_disabled: () =>
    new DomainError("endpoint_disabled", "The delivery's endpoint is disabled; enable it first."),
  erased: () => new DomainError("event_erased", "The delivery's event is erased."),
};
