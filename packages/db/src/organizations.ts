import type { Tier } from "@triggers/domain";
import { type Kysely, type Selectable, sql } from "kysely";
import { insertApiKey, type NewApiKey } from "./api-keys.ts";
import { insertAuditEntry } from "./audit-log.ts";
import type { Database } from "./connect.ts";
import { type PageOfIds, pageById } from "./page-by-id.ts";
import type { DB, OrganizationTable } from "./schema.ts";

export type OrganizationRow = Selectable<OrganizationTable>;

/** An organization with its first key and its feed, or nothing at all. */
export async function createOrganization(
  db: Database,
  organization: { id: string; name: string; tier: Tier },
  firstKey: NewApiKey,
  actor: "operator" | "signup" = "signup",
): Promise<{ createdAt: Date }> {
  return db.transaction().execute(async (tx) => {
    const { created_at } = await tx
      .insertInto("organizations")
      .values(organization)
      .returning("created_at")
      .executeTakeFirstOrThrow();
    await tx.insertInto("feeds").values({ organization_id: organization.id }).execute();
    await insertApiKey(tx, organization.id, firstKey);
    await insertAuditEntry(tx, {
      organizationId: organization.id,
      actor,
      action: "organization.created",
      target: organization.id,
      detail: { name: organization.name, tier: organization.tier, key_id: firstKey.keyId },
    });
    return { createdAt: created_at };
  });
}

export async function findOrganization(db: Database, id: string): Promise<OrganizationRow | undefined> {
  return db.selectFrom("organizations").selectAll().where("id", "=", id).executeTakeFirst();
}

/** With those that are being erased. `name` is looked for anywhere in the name, in either case. */
export async function listOrganizations(
  db: Database,
  page: PageOfIds,
  filter: { name?: string | undefined; tier?: Tier | undefined },
): Promise<OrganizationRow[]> {
  let rows = db.selectFrom("organizations").selectAll();
  if (filter.tier !== undefined) rows = rows.where("tier", "=", filter.tier);
  if (filter.name !== undefined)
    rows = rows.where(sql<boolean>`strpos(lower(name), lower(${filter.name})) > 0`);
  return pageById(rows, "id", page).execute();
}

/** Locks it against other changes of itself and of its keys until the commit; undefined when it is gone, or going. */
export async function lockOrganization(tx: Kysely<DB>, id: string): Promise<OrganizationRow | undefined> {
  return tx
    .selectFrom("organizations")
    .selectAll()
    .where("id", "=", id)
    .where("erasing_since", "is", null)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** What is left out stays as it is. */
export interface OrganizationChange {
  tier?: Tier;
  /** Null: the tier's own limit again. */
  rateLimitPerMinute?: number | null;
  isSuspended?: boolean;
}

/** The organization as it is after the change; undefined when there is none. A suspension keeps its first time. */
export async function updateOrganization(
  db: Database,
  id: string,
  actor: string,
  change: OrganizationChange,
): Promise<OrganizationRow | undefined> {
  return db.transaction().execute(async (tx) => {
    const before = await lockOrganization(tx, id);
    if (!before) return undefined;
    const { tier, rateLimitPerMinute, isSuspended } = change;
    const after = await tx
      .updateTable("organizations")
      .set({
        ...(tier === undefined ? {} : { tier }),
        ...(rateLimitPerMinute === undefined ? {} : { rate_limit_per_minute: rateLimitPerMinute }),
        ...(isSuspended === undefined
          ? {}
          : { suspended_at: isSuspended ? sql<Date>`coalesce(suspended_at, now())` : null }),
        updated_at: sql<Date>`now()`,
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await insertAuditEntry(tx, {
      organizationId: id,
      actor,
      action: "organization.updated",
      target: id,
      detail: { before: changeable(before), after: changeable(after) },
    });
    return after;
  });
}

function changeable({ tier, rate_limit_per_minute, suspended_at }: OrganizationRow) {
  return { tier, rate_limit_per_minute, suspended: suspended_at !== null };
}
