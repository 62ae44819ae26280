import type { Tier } from "@triggers/domain";
import { insertApiKey, type NewApiKey } from "./api-keys.ts";
import type { Database } from "./connect.ts";

/** An organization with its first key and its feed, or nothing at all. */
export async function createOrganization(
  db: Database,
  organization: { id: string; name: string; tier: Tier },
  firstKey: NewApiKey,
): Promise<{ createdAt: Date }> {
  return db.transaction().execute(async (tx) => {
    const { created_at } = await tx
      .insertInto("organizations")
      .values(organization)
      .returning("created_at")
      .executeTakeFirstOrThrow();
    await tx.insertInto("feeds").values({ organization_id: organization.id }).execute();
    await insertApiKey(tx, organization.id, firstKey);
    return { createdAt: created_at };
  });
}

export async function findOrganization(db: Database, id: string) {
  return db.selectFrom("organizations").selectAll().where("id", "=", id).executeTakeFirst();
}
