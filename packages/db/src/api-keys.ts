import type { Scope, Tier } from "@triggers/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "./connect.ts";
import type { DB } from "./schema.ts";

/** A key with what its organization allows; `expired` is judged by Postgres' clock. */
export interface ApiKeyRow {
  keyId: string;
  organizationId: string;
  organizationName: string;
  secretHash: string;
  scopes: Scope[];
  tier: Tier;
  rateLimitPerMinute: number | null;
  isLive: boolean;
  isSuspended: boolean;
  expiresInMs: number | null;
}

export async function findApiKey(db: Database, keyId: string): Promise<ApiKeyRow | undefined> {
  return db
    .selectFrom("api_keys as k")
    .innerJoin("organizations as o", "o.id", "k.organization_id")
    .where("k.key_id", "=", keyId)
    .select([
      "k.key_id as keyId",
      "o.id as organizationId",
      "o.name as organizationName",
      "k.secret_hash as secretHash",
      "k.scopes",
      "o.tier",
      "o.rate_limit_per_minute as rateLimitPerMinute",
      sql<boolean>`k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`.as("isLive"),
      sql<boolean>`o.suspended_at IS NOT NULL`.as("isSuspended"),
      sql<number | null>`(extract(epoch FROM k.expires_at - now()) * 1000)::float8`.as("expiresInMs"),
    ])
    .executeTakeFirst();
}

export interface NewApiKey {
  keyId: string;
  secretHash: string;
  scopes: readonly Scope[];
  name: string | null;
}

export async function insertApiKey(db: Kysely<DB>, organizationId: string, key: NewApiKey): Promise<void> {
  await db
    .insertInto("api_keys")
    .values({
      key_id: key.keyId,
      organization_id: organizationId,
      name: key.name,
      secret_hash: key.secretHash,
      scopes: [...key.scopes],
    })
    .execute();
}

/**
 * The new key takes over the old one's scopes and name; the old one ends after the overlap, or earlier when it would
 * have ended earlier anyway. Both or neither: a crash in between leaves the old key as it was.
 */
export async function rotateApiKey(
  db: Database,
  oldKeyId: string,
  fresh: { keyId: string; secretHash: string },
  overlapSeconds: number,
): Promise<{ rotatedAt: Date; previousKeyExpiresAt: Date } | undefined> {
  return db.transaction().execute(async (tx) => {
    const old = await tx
      .updateTable("api_keys")
      .set({ expires_at: sql<Date>`least(expires_at, now() + make_interval(secs => ${overlapSeconds}))` })
      .where("key_id", "=", oldKeyId)
      .where("revoked_at", "is", null)
      .where(sql<boolean>`(expires_at IS NULL OR expires_at > now())`)
      .returning(["organization_id", "name", "scopes", "expires_at", sql<Date>`now()`.as("rotatedAt")])
      .executeTakeFirst();
    if (old?.expires_at == null) return undefined;
    await insertApiKey(tx, old.organization_id, { ...fresh, scopes: old.scopes, name: old.name });
    return { rotatedAt: old.rotatedAt, previousKeyExpiresAt: old.expires_at };
  });
}

export async function listApiKeys(db: Database, organizationId: string) {
  return db
    .selectFrom("api_keys")
    .where("organization_id", "=", organizationId)
    .where("revoked_at", "is", null)
    .where(sql<boolean>`(expires_at IS NULL OR expires_at > now())`)
    .select(["key_id", "name", "scopes", "created_at", "last_used_at", "expires_at"])
    .orderBy("created_at")
    .execute();
}
