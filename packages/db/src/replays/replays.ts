import { createId } from "@triggers/domain";
import { type Selectable, sql } from "kysely";
import type { Database } from "../connect.ts";
import { lastPosition } from "../list-events.ts";
import { lockOrganization } from "../organizations.ts";
import { type PageOfIds, pageById } from "../page-by-id.ts";
import type { ReplaySelection, ReplayTable } from "../schema.ts";
import { isUniqueViolation } from "../sql-error.ts";

export type ReplayRow = Selectable<ReplayTable>;

/** What a replay needs to know of an event. */
export interface ReplayedEvent {
  id: string;
  type: string;
  subscriber: string | null;
  position: number;
}

/** One may run for each endpoint, and one for all of them. */
export async function createReplay(
  db: Database,
  wanted: { organizationId: string; endpointId: string | null; selection: ReplaySelection },
): Promise<ReplayRow | "running" | "organization_gone"> {
  const last_position = await lastPosition(db, wanted.organizationId);
  try {
    return await db.transaction().execute(async (tx) => {
      if (!(await lockOrganization(tx, wanted.organizationId))) return "organization_gone";
      return tx
        .insertInto("replays")
        .values({
          id: createId(),
          organization_id: wanted.organizationId,
          endpoint_id: wanted.endpointId,
          selection: wanted.selection,
          last_position,
        })
        .returningAll()
        .executeTakeFirstOrThrow();
    });
  } catch (error) {
    if (isUniqueViolation(error)) return "running";
    throw error;
  }
}

export async function findReplay(
  db: Database,
  organizationId: string,
  id: string,
): Promise<ReplayRow | undefined> {
  return db
    .selectFrom("replays")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .executeTakeFirst();
}

export async function listReplays(
  db: Database,
  organizationId: string,
  page: PageOfIds,
  filter: { endpointId?: string | undefined; status?: ReplayTable["status"]["__select__"] | undefined },
): Promise<ReplayRow[]> {
  let rows = db.selectFrom("replays").selectAll().where("organization_id", "=", organizationId);
  if (filter.endpointId !== undefined) rows = rows.where("endpoint_id", "=", filter.endpointId);
  if (filter.status !== undefined) rows = rows.where("status", "=", filter.status);
  return pageById(rows, "id", page).execute();
}

/** The page in hand commits first; what it enqueued stays. Returns false when there is no such replay. */
export async function cancelReplay(db: Database, organizationId: string, id: string): Promise<boolean> {
  const { rows } = await sql`
    WITH cancelled AS (
      UPDATE replays SET status = 'cancelled', finished_at = now()
      WHERE organization_id = ${organizationId} AND id = ${id} AND status = 'running'
    )
    SELECT 1 FROM replays WHERE organization_id = ${organizationId} AND id = ${id}`.execute(db);
  return rows.length > 0;
}

/** The oldest first; for whoever makes sure that somebody works on them. */
export async function findRunningReplays(db: Database, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom("replays")
    .select("id")
    .where("status", "=", "running")
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
