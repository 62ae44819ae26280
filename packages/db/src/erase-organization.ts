import { sql } from "kysely";
import { insertAuditEntry } from "./audit-log.ts";
import { amongIds } from "./among-ids.ts";
import type { Database } from "./connect.ts";
import { lockEvents } from "./deliveries/count-deliveries.ts";

const pageSize = 500;

/**
 * From its commit on nobody can read or write anything of the organization: its keys are gone, its endpoints deleted,
 * and what still waits in the queue is dropped where it would be persisted. False when there is no such organization;
 * true again for one whose erasure has begun before.
 */
export async function beginErasure(db: Database, id: string, actor: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const organization = await tx
      .selectFrom("organizations")
      .select("erasing_since")
      .where("id", "=", id)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!organization) return false;
    if (organization.erasing_since !== null) return true;
    await tx
      .updateTable("organizations")
      .set({ erasing_since: sql<Date>`now()`, suspended_at: sql<Date>`coalesce(suspended_at, now())` })
      .where("id", "=", id)
      .execute();
    await tx.deleteFrom("feeds").where("organization_id", "=", id).execute();
    await tx.deleteFrom("api_keys").where("organization_id", "=", id).execute();
    await tx
      .updateTable("endpoints")
      .set({ deleted_at: sql<Date>`coalesce(deleted_at, now())`, enabled: false })
      .where("organization_id", "=", id)
      .execute();
    await insertAuditEntry(tx, { organizationId: id, actor, action: "organization.erased", target: id });
    return true;
  });
}

/**
 * Erases in pages what `beginErasure` has marked, its row last, so that a crash anywhere leaves it to be found by
 * `findErasures` and gone on with. False when it was stopped before the end. Who did what stays in the audit log, by ids;
 * the names in its details are erased too.
 */
export async function continueErasure(db: Database, id: string, isStopped: () => boolean): Promise<boolean> {
  for (const erasePage of [eraseEvents, eraseDeliveries]) {
    for (let erased = pageSize; erased === pageSize;) {
      if (isStopped()) return false;
      erased = await erasePage(db, id);
    }
  }
  await db.transaction().execute(async (tx) => {
    for (const table of [
      "dead_letters",
      "event_intents",
      "operational_events",
      "replays",
      "endpoints",
    ] as const)
      await tx.deleteFrom(table).where("organization_id", "=", id).execute();
    await tx.updateTable("audit_log").set({ detail: null }).where("organization_id", "=", id).execute();
    await tx.deleteFrom("organizations").where("id", "=", id).execute();
  });
  return true;
}

/** Organizations whose erasure has begun and not ended, the oldest first. */
export async function findErasures(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom("organizations")
    .select("id")
    .where("erasing_since", "is not", null)
    .orderBy("id")
    .limit(100)
    .execute();
  return rows.map(({ id }) => id);
}

async function eraseEvents(db: Database, organizationId: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const found = await tx
      .selectFrom("events")
      .select("id")
      .where("organization_id", "=", organizationId)
      .orderBy("position")
      .limit(pageSize)
      .execute();
    const ids = found.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await lockEvents(tx, ids);
    await sql`DELETE FROM events WHERE ${amongIds("id", ids)}`.execute(tx);
    await sql`DELETE FROM deliveries WHERE ${amongIds("event_id", ids)}`.execute(tx);
    await sql`DELETE FROM attempts WHERE ${amongIds("event_id", ids)}`.execute(tx);
    return ids.length;
  });
}

/** What somebody added while its event was being erased. */
async function eraseDeliveries(db: Database, organizationId: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ eventId: string }>`
      DELETE FROM deliveries WHERE (event_id, endpoint_id) IN (
        SELECT event_id, endpoint_id FROM deliveries WHERE organization_id = ${organizationId}
        ORDER BY id LIMIT ${pageSize}
      ) RETURNING event_id AS "eventId"`.execute(tx);
    const ids = rows.map(({ eventId }) => eventId);
    await sql`DELETE FROM attempts WHERE event_id = ANY(${ids}::uuid[])`.execute(tx);
    return rows.length;
  });
}
