import { type Kysely, sql } from "kysely";
import type { Database } from "./connect.ts";
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

/** Asked in every batch and never cached: an endpoint that was just saved must match the event that follows it. */
export async function findEndpointFilters(
  db: Kysely<DB>,
  organizationIds: readonly string[],
): Promise<EndpointFilter[]> {
  const { rows } = await sql<EndpointFilter>`
    SELECT id, organization_id AS "organizationId", subscriber, event_types AS "eventTypes", enabled,
      max_in_flight AS "maxInFlight"
    FROM endpoints
    WHERE organization_id = ANY(${organizationIds}::uuid[]) AND deleted_at IS NULL`.execute(db);
  return rows;
}

export interface DefaultEndpoint {
  /** Used when there is none yet. */
  id: string;
  organizationId: string;
  url: string;
  eventTypes: string[] | null;
  timeoutMs: number | null;
  sealHeaders: (endpointId: string) => Buffer | null;
  sealSecret: (endpointId: string) => Buffer;
}

/**
 * Creates or replaces the organization's endpoint named `default`. What is sealed is bound to the endpoint's id, so
 * the id is settled first; two first calls at once end as one endpoint, and only one of them says `created`.
 */
export async function saveDefaultEndpoint(
  db: Database,
  wanted: DefaultEndpoint,
): Promise<{ endpoint: EndpointRow; created: boolean }> {
  const settings = (id: string) => ({
    url: wanted.url,
    event_types: wanted.eventTypes,
    timeout_ms: wanted.timeoutMs ?? sql<number>`DEFAULT`,
    sealed_headers: wanted.sealHeaders(id),
  });
  const saved = await db.transaction().execute(async (tx) => {
    const inserted = await tx
      .insertInto("endpoints")
      .values({
        ...settings(wanted.id),
        id: wanted.id,
        organization_id: wanted.organizationId,
        name: "default",
        sealed_secret: wanted.sealSecret(wanted.id),
      })
      .onConflict((conflict) =>
        conflict
          .column("organization_id")
          // A literal: with a parameter a generic plan would not find the partial index.
          .where("name", "=", sql.lit("default"))
          .where("deleted_at", "is", null)
          .doNothing(),
      )
      .returningAll()
      .executeTakeFirst();
    if (inserted) return { endpoint: inserted, created: true, wasEnabled: true };
    const { id, enabled: wasEnabled } = await tx
      .selectFrom("endpoints")
      .select(["id", "enabled"])
      .where("organization_id", "=", wanted.organizationId)
      .where("name", "=", "default")
      .where("deleted_at", "is", null)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const endpoint = await tx
      .updateTable("endpoints")
      .set({
        ...settings(id),
        enabled: true,
        disabled_reason: null,
        disabled_at: null,
        failing_since: null,
        updated_at: sql<Date>`now()`,
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return { endpoint, created: false, wasEnabled };
  });
  if (!saved.wasEnabled) await wakeParkedDeliveries(db, saved.endpoint);
  return saved;
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

/** With the deleted and disabled ones: their deliveries are cancelled or wait. */
export async function findEndpointsToSend(db: Database, ids: readonly string[]): Promise<EndpointRow[]> {
  const { rows } = await sql<EndpointRow>`
    SELECT * FROM endpoints WHERE id = ANY(${ids}::uuid[])`.execute(db);
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

export async function disableEndpoint(db: Kysely<DB>, id: string, reason: string): Promise<boolean> {
  const result = await db
    .updateTable("endpoints")
    .set({
      enabled: false,
      disabled_reason: reason,
      disabled_at: sql<Date>`now()`,
      updated_at: sql<Date>`now()`,
    })
    .where("id", "=", id)
    .where("enabled", "=", true)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
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

/** Disables an endpoint that has failed for so long without a success; false when it has not, or is disabled already. */
export async function disableFailingEndpoint(
  db: Database,
  id: string,
  afterSeconds: number,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE endpoints SET enabled = false, disabled_reason = 'failing', disabled_at = now(), updated_at = now()
    WHERE id = ${id} AND enabled AND failing_since <= now() - make_interval(secs => ${afterSeconds}::float8)`.execute(
    db,
  );
  return (numAffectedRows ?? 0n) > 0n;
}

const wakePageSize = 1_000;

/**
 * What was parked while the endpoint was disabled is due now: the sweeper's next pass enqueues it. In pages and past
 * locked rows, so that any backlog is woken and nobody waits; a crash between pages leaves the rest until its sweep.
 */
async function wakeParkedDeliveries(db: Database, endpoint: EndpointRow): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      UPDATE deliveries d SET sweep_at = now()
      FROM (
        SELECT event_id, endpoint_id FROM deliveries
        WHERE organization_id = ${endpoint.organization_id} AND endpoint_id = ${endpoint.id}
          AND status IN ('pending', 'retrying') AND sweep_at > greatest(next_attempt_at, now()) + interval '1 hour'
        LIMIT ${wakePageSize}
        FOR UPDATE SKIP LOCKED
      ) parked
      WHERE d.event_id = parked.event_id AND d.endpoint_id = parked.endpoint_id
      RETURNING d.event_id`.execute(db);
    if (rows.length < wakePageSize) return;
  }
}
