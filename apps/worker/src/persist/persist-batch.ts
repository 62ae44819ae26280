import {
  type Database,
  type DueDelivery,
  type EndpointFilter,
  type EventIntent,
  findEndpointFilters,
  findFirstDeliveries,
  insertDeliveries,
  insertEvents,
  lockDisabledEndpoints,
  lockFeeds,
  type NewDelivery,
  type NewEvent,
  takeEventIntents,
} from "@triggers/db";
import { deliveryIdOf, type EventJob } from "@triggers/domain";
import type { PublishWakeUps } from "@triggers/queues";
import type { At } from "../fault-points.ts";
import type { DeliveryWindow } from "../window/delivery-window.ts";
import { matchEndpoints } from "./match-endpoints.ts";

export interface QueuedEvent {
  id: string;
  job: EventJob;
}

type PlannedDelivery = NewDelivery & Pick<DueDelivery, "maxInFlight">;

export interface PersistDeps {
  db: Database;
  at: At;
  /** Persist and mark as skipped without sending. */
  isDeliveryDisabled: boolean;
  window: Pick<DeliveryWindow, "hasBacklog">;
  /** Wakes readers that wait for these organizations. */
  publishWakeUps: PublishWakeUps;
}

/**
 * Moves a batch to Postgres in one transaction and returns the first-step deliveries that must be offered now: those
 * of the new events, and those that an earlier run of the same jobs committed and may not have enqueued.
 *
 * The feeds are locked before anything is read, so that an acknowledgement or erasure of a queued event is either seen here or
 * finds the event stored.
 */
export async function persistBatch(deps: PersistDeps, batch: readonly QueuedEvent[]): Promise<DueDelivery[]> {
  const events = [...batch].sort((a, b) => (a.id < b.id ? -1 : 1));
  const { added, deliveries, lastPositions } = await deps.db.transaction().execute(async (tx) => {
    const positionBefore = await lockFeeds(tx, countByOrganization(events));
    const endpoints = groupByOrganization(
      await findEndpointFilters(tx, [...positionBefore.keys()], subscribersOf(events)),
    );
    const disabled = await lockDisabledEndpoints(tx, disabledAmong(events, endpoints));
    const intents = await takeEventIntents(
      tx,
      events.map(({ id }) => id),
    );
    const intentOf = new Map(intents.map((intent) => [intent.eventId, intent]));
    // An organization without a feed was erased while its events waited: they are erased with it.
    const kept = events.filter(({ job }) => positionBefore.has(job.org));
    const planned = kept.map(({ id, job }) => {
      const intent = intentOf.get(id);
      const isErased = (intent?.erasedAt ?? null) !== null;
      const own = isErased ? [] : planDeliveries(deps, id, job, endpoints.get(job.org) ?? [], disabled);
      const position = (positionBefore.get(job.org) ?? 0) + 1;
      positionBefore.set(job.org, position);
      return { row: toRow(id, job, position, intent, own), own };
    });
    const added = await insertEvents(
      tx,
      planned.map(({ row }) => row),
    );
    await deps.at("persist: in transaction");
    const deliveries = planned.flatMap(({ row, own }) => (added.has(row.id) ? own : []));
    await insertDeliveries(tx, deliveries);
    return { added, deliveries, lastPositions: positionBefore };
  });
  await deps.at("persist: committed");
  deps.publishWakeUps([...lastPositions].map(([organizationId, position]) => ({ organizationId, position })));

  const repeated = events.filter(({ id }) => !added.has(id)).map(({ id }) => id);
  const earlier = repeated.length > 0 ? await findFirstDeliveries(deps.db, repeated) : [];
  const first = deliveries.filter(({ status }) => status === "pending").map(toDue);
  return [...first, ...earlier];
}

/** The disabled endpoints that these events would go to. */
function disabledAmong(
  events: readonly QueuedEvent[],
  endpoints: ReadonlyMap<string, EndpointFilter[]>,
): string[] {
  const ids = new Set<string>();
  for (const { job } of events) {
    const candidates = (endpoints.get(job.org) ?? []).filter(({ id, enabled }) => !enabled && !ids.has(id));
    if (candidates.length === 0) continue;
    const matching = matchEndpoints({ type: job.type, subscriber: job.sub ?? null }, candidates);
    for (const { id } of matching) ids.add(id);
  }
  return [...ids];
}

function planDeliveries(
  deps: PersistDeps,
  eventId: string,
  job: EventJob,
  endpoints: readonly EndpointFilter[],
  disabled: ReadonlySet<string>,
): PlannedDelivery[] {
  return matchEndpoints({ type: job.type, subscriber: job.sub ?? null }, endpoints).map((endpoint) => {
    const isSkipped = deps.isDeliveryDisabled || disabled.has(endpoint.id);
    return {
      id: deliveryIdOf(eventId, endpoint.id),
      eventId,
      endpointId: endpoint.id,
      organizationId: job.org,
      status: isSkipped ? "skipped" : "pending",
      isParked: !isSkipped && deps.window.hasBacklog(endpoint.id),
      maxInFlight: endpoint.maxInFlight,
    };
  });
}

function toRow(
  id: string,
  job: EventJob,
  position: number,
  intent: EventIntent | undefined,
  deliveries: readonly NewDelivery[],
): NewEvent {
  const isErased = (intent?.erasedAt ?? null) !== null;
  const pending = deliveries.filter(({ status }) => status === "pending").length;
  return {
    id,
    organizationId: job.org,
    position,
    type: job.type,
    payload: isErased ? null : job.payload,
    dedupId: job.dedup ?? null,
    subscriber: job.sub ?? null,
    metadata: isErased ? null : (job.meta ?? null),
    cloudevent: isErased ? null : (job.ce ?? null),
    occurredAt: job.at === undefined ? null : new Date(job.at),
    acknowledgedAt: intent?.acknowledgedAt ?? (job.own ? new Date() : null),
    erasedAt: intent?.erasedAt ?? null,
    pendingDeliveries: pending,
    skippedDeliveries: deliveries.length - pending,
  };
}

function toDue(planned: PlannedDelivery): DueDelivery {
  const { id: deliveryId, eventId, endpointId, organizationId, isParked, maxInFlight } = planned;
  const step = { scheduleStep: 0, delayMs: 0 };
  return { deliveryId, eventId, endpointId, organizationId, isParked, maxInFlight, ...step };
}

function countByOrganization(events: readonly QueuedEvent[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { job } of events) counts.set(job.org, (counts.get(job.org) ?? 0) + 1);
  return counts;
}

function subscribersOf(events: readonly QueuedEvent[]): string[] {
  return [...new Set(events.flatMap(({ job }) => (job.sub === undefined ? [] : [job.sub])))];
}

function groupByOrganization(endpoints: readonly EndpointFilter[]): Map<string, EndpointFilter[]> {
  return Map.groupBy(endpoints, ({ organizationId }) => organizationId);
}
