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
  /** Null: it does not expire. */
  expiresAt?: Date | null;
}

export async function insertApiKey(
  db: Kysely<DB>,
  organizationId: string,
  key: NewApiKey,
): Promise<{ createdAt: Date }> {
  const { created_at } = await db
    .insertInto("api_keys")
    .values({
      key_id: key.keyId,
      organization_id: organizationId,
      name: key.name,
      secret_hash: key.secretHash,
      scopes: [...key.scopes],
      expires_at: key.expiresAt ?? null,
    })
    .returning("created_at")
    .executeTakeFirstOrThrow();
  return { createdAt: created_at };
}

/** Neither revoked nor expired, by Postgres' clock. */
export const isLiveKey = sql<boolean>`(revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()))`;

export async function listApiKeys(db: Database, organizationId: string) {
  return db
    .selectFrom("api_keys")
    .where("organization_id", "=", organizationId)
    .where(isLiveKey)
    .select(["key_id", "name", "scopes", "created_at", "last_used_at", "expires_at"])
    .orderBy("created_at")
    .execute();
}
