import { createId } from "@triggers/domain";
import type { Kysely, Selectable } from "kysely";
import type { Database } from "./connect.ts";
import { type PageOfIds, pageById } from "./page-by-id.ts";
import type { AuditLogTable, DB } from "./schema.ts";

export type AuditEntry = Selectable<AuditLogTable>;

export interface NewAuditEntry {
  organizationId: string | null;
  /** `operator`, `signup`, or the id of the key that did it. */
  actor: string;
  /** `<what>.<what happened to it>`, such as `api_key.revoked`. */
  action: string;
  /** The id of what was changed. */
  target: string | null;
  /** Never a secret. */
  detail?: Record<string, unknown>;
}

/** Belongs into the transaction of the change: neither is there without the other. */
export async function insertAuditEntry(tx: Kysely<DB>, entry: NewAuditEntry): Promise<void> {
  await tx
    .insertInto("audit_log")
    .values({
      id: createId(),
      organization_id: entry.organizationId,
      actor: entry.actor,
      action: entry.action,
      target: entry.target,
      detail: entry.detail === undefined ? null : JSON.stringify(entry.detail),
    } as never)
    .execute();
}

export async function listAuditLog(
  db: Database,
  page: PageOfIds,
  filter: { organizationId?: string | undefined },
): Promise<AuditEntry[]> {
  let rows = db.selectFrom("audit_log").selectAll();
  if (filter.organizationId !== undefined) rows = rows.where("organization_id", "=", filter.organizationId);
  return pageById(rows, "id", page).execute();
}
