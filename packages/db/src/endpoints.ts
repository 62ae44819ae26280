import { isOperationalEventType } from "@triggers/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "./connect.ts";
import { insertOperationalEvent, type OperationalEvent } from "./operational-events.ts";
import type { DB, EndpointTable } from "./schema.ts";
import type { Selectable } from "kysely";

export type EndpointRow = Selectable<EndpointTable>;

/** What the persist step needs to decide which events an endpoint gets. */
export interface EndpointFilter {
  id: string;
  organizationId: string;
  subscriber: string | null;
  eventTypes: string[] | null;
  enabled: boolean;
  maxInFlight: number;
}

/**
 * The endpoints that events of these organizations and subscribers may go to. Asked in every batch and never cached: an
 * endpoint that was just saved must match the event that follows it. Other subscribers' are left out, of which an
 * organization may have a hundred thousand.
 */
export async function findEndpointFilters(
  db: Kysely<DB>,
  organizationIds: readonly string[],
  subscribers: readonly string[],
): Promise<EndpointFilter[]> {
  const { rows } = await sql<EndpointFilter>`
    SELECT id, organization_id AS "organizationId", subscriber, event_types AS "eventTypes", enabled,
      max_in_flight AS "maxInFlight"
    FROM endpoints
    WHERE organization_id = ANY(${organizationIds}::uuid[]) AND deleted_at IS NULL
      AND (subscriber IS NULL OR subscriber = ANY(${subscribers}::text[]))`.execute(db);
  return rows;
}

/**
 * Which of these endpoints are disabled, held so until the transaction ends: whoever enables one waits for the batches that
 * skip it, and a replay that begins after it finds all that was skipped.
 */
export async function lockDisabledEndpoints(tx: Kysely<DB>, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { rows } = await sql<{ id: string; enabled: boolean }>`
    SELECT id, enabled FROM endpoints WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR SHARE`.execute(tx);
  return new Set(rows.filter(({ enabled }) => !enabled).map(({ id }) => id));
}

export async function findDefaultEndpoint(
  db: Database,
  organizationId: string,
): Promise<EndpointRow | undefined> {
  return db
    .selectFrom("endpoints")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("name", "=", "default")
    .where("deleted_at", "is", null)
    .executeTakeFirst();
}

/** Its `version` is another after every change: the transaction that wrote it. */
export type VersionedEndpoint = EndpointRow & { version: string };

/** With the deleted and disabled ones: their deliveries are cancelled or wait. */
export async function findEndpointsToSend(
  db: Database,
  ids: readonly string[],
): Promise<VersionedEndpoint[]> {
  const { rows } = await sql<VersionedEndpoint>`
    SELECT *, xmin::text AS version FROM endpoints WHERE id = ANY(${ids}::uuid[])`.execute(db);
  return rows;
}

/** Soft: attempts of the past still name it. Its open deliveries are cancelled by the caller's transaction. */
export async function markEndpointDeleted(
  db: Kysely<DB>,
  organizationId: string,
  id: string,
): Promise<boolean> {
  const result = await db
    .updateTable("endpoints")
    .set({ deleted_at: sql<Date>`now()`, updated_at: sql<Date>`now()`, enabled: false })
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Why an endpoint is disabled, and the type of the event whose delivery brought it about. */
export interface DisableCause {
  reason: "gone" | "failing";
  eventType: string;
  /** Only if it has failed for so long without a success. */
  afterSeconds?: number;
}

/**
 * Disables an endpoint for what became of a delivery to it, and returns what its organization is to be told: nothing
 * where that delivery was an operational event's, or where it was disabled before.
 */
export async function disableEndpoint(
  db: Database,
  id: string,
  { reason, eventType, afterSeconds = 0 }: DisableCause,
): Promise<OperationalEvent[]> {
  return db.transaction().execute(async (tx) => {
    let update = tx
      .updateTable("endpoints")
      .set({
        enabled: false,
        disabled_reason: reason,
        disabled_at: sql<Date>`now()`,
        updated_at: sql<Date>`now()`,
      })
      .where("id", "=", id)
      .where("enabled", "=", true);
    if (reason === "failing")
      update = update.where(
        sql<boolean>`failing_since <= now() - make_interval(secs => ${afterSeconds}::float8)`,
      );
    const disabled = await update.returningAll().executeTakeFirst();
    if (!disabled || isOperationalEventType(eventType)) return [];
    const { organization_id: organizationId, name, url, subscriber, disabled_at } = disabled;
    return insertOperationalEvent(tx, {
      organizationId,
      type: "endpoint.disabled",
      payload: { endpoint_id: id, name, url, subscriber, reason, disabled_at },
    });
  });
}

/** Since when every attempt has failed. Both only write where that changes, so that an attempt costs no write here. */
export async function markEndpointsFailing(db: Database, ids: readonly string[]): Promise<void> {
  await sql`
    UPDATE endpoints SET failing_since = now() WHERE id = ANY(${ids}::uuid[]) AND failing_since IS NULL`.execute(
    db,
  );
}

export async function markEndpointsSucceeding(db: Database, ids: readonly string[]): Promise<void> {
  await sql`
    UPDATE endpoints SET failing_since = NULL WHERE id = ANY(${ids}::uuid[]) AND failing_since IS NOT NULL`.execute(
    db,
  );
}
