import { type Kysely, sql } from "kysely";
import { insertAuditEntry, type NewAuditEntry } from "../audit-log.ts";
import type { Database } from "../connect.ts";
import type { EndpointRow } from "../endpoints.ts";
import { lockOrganization } from "../organizations.ts";
import type { DB } from "../schema.ts";

/** Whose endpoints are changed, and the id of the key that does it. */
export interface EndpointChange {
  organizationId: string;
  actor: string;
}

export type EndpointRefusal =
  | "organization_gone"
  | "no_such_endpoint"
  | "endpoint_limit_reached"
  | "endpoint_name_taken"
  | "secret_limit_reached";

export type EndpointOutcome<T> = ({ ok: true } & T) | { ok: false; refusal: EndpointRefusal };

const maxPerSubscriber = 50;

/**
 * Runs a change while nobody else changes endpoints of the organization: what is counted stays true until the commit.
 * An organization that is being erased has no endpoints, and no keys, any more.
 */
export async function changeEndpoints<T>(
  db: Database,
  { organizationId }: EndpointChange,
  change: (tx: Kysely<DB>) => Promise<EndpointOutcome<T>>,
): Promise<EndpointOutcome<T>> {
  return db.transaction().execute(async (tx) => {
    if (!(await lockOrganization(tx, organizationId))) return { ok: false, refusal: "organization_gone" };
    return change(tx);
  });
}

/** The row, held against the sender's parking and disabling until the commit. */
export async function lockEndpoint(
  tx: Kysely<DB>,
  organizationId: string,
  id: string,
): Promise<EndpointRow | undefined> {
  return tx
    .selectFrom("endpoints")
    .selectAll()
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .forUpdate()
    .executeTakeFirst();
}

/** Whether the subscriber (null: those without one) has room for one more endpoint. */
export async function hasRoomFor(
  tx: Kysely<DB>,
  organizationId: string,
  subscriber: string | null,
): Promise<boolean> {
  const { count } = await tx
    .selectFrom("endpoints")
    .select(sql<number>`count(*)`.as("count"))
    .where("organization_id", "=", organizationId)
    .where("subscriber", subscriber === null ? "is" : "=", subscriber)
    .where("deleted_at", "is", null)
    .executeTakeFirstOrThrow();
  return count < maxPerSubscriber;
}

/** Names are labels, but this one is the shortcut's: there is one of it. */
export async function isNameTaken(tx: Kysely<DB>, organizationId: string, name: string | null) {
  if (name !== "default") return false;
  const holder = await tx
    .selectFrom("endpoints")
    .select("id")
    .where("organization_id", "=", organizationId)
    .where("name", "=", sql.lit("default"))
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  return holder !== undefined;
}

/** `detail` never holds a URL or a header: both may be credentials of the receiver. */
export async function auditEndpoint(
  tx: Kysely<DB>,
  { organizationId, actor }: EndpointChange,
  entry: Pick<NewAuditEntry, "action" | "detail"> & { target: string },
): Promise<void> {
  await insertAuditEntry(tx, { organizationId, actor, ...entry });
}
