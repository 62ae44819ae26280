import { type Kysely, sql } from "kysely";
import { insertApiKey, isLiveKey, type NewApiKey } from "./api-keys.ts";
import { insertAuditEntry } from "./audit-log.ts";
import type { Database } from "./connect.ts";
import { lockOrganization } from "./organizations.ts";
import type { DB } from "./schema.ts";

/** Whose keys are changed, and who does it: `operator`, or the id of a key of the organization. */
export interface KeyChange {
  organizationId: string;
  actor: string;
}

/** `actor_revoked`: the key that asks has itself ended while it asked. */
export type KeyRefusal =
  "organization_gone" | "actor_revoked" | "key_limit_reached" | "last_admin_key" | "no_such_key";

export type KeyOutcome<T> = ({ ok: true } & T) | { ok: false; refusal: KeyRefusal };

/** `GET /api/keys` shows all of them in one answer. */
const maxLiveKeys = 1_000;

export async function createOrganizationKey(
  db: Database,
  change: KeyChange,
  key: NewApiKey,
): Promise<KeyOutcome<{ createdAt: Date }>> {
  return db.transaction().execute(async (tx) => {
    const refusal = await lockKeys(tx, change);
    if (refusal) return { ok: false, refusal };
    if ((await countLiveKeys(tx, change.organizationId)).all >= maxLiveKeys) {
      return { ok: false, refusal: "key_limit_reached" };
    }
    const { createdAt } = await insertApiKey(tx, change.organizationId, key);
    await insertAuditEntry(tx, {
      ...change,
      action: "api_key.created",
      target: key.keyId,
      detail: { name: key.name, scopes: key.scopes, expires_at: key.expiresAt ?? null },
    });
    return { ok: true, createdAt };
  });
}

/**
 * The organization's row is locked first, so that of two revocations at once the second one sees the first: they
 * cannot both take the last admin key for the last but one.
 */
export async function revokeApiKey(
  db: Database,
  change: KeyChange,
  keyId: string,
): Promise<KeyOutcome<object>> {
  return db.transaction().execute(async (tx) => {
    const refusal = await lockKeys(tx, change);
    if (refusal) return { ok: false, refusal };
    const key = await tx
      .selectFrom("api_keys")
      .select(["scopes", isLiveKey.as("isLive")])
      .where("key_id", "=", keyId)
      .where("organization_id", "=", change.organizationId)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (!key) return { ok: false, refusal: "no_such_key" };
    const isLiveAdmin = key.isLive && key.scopes.includes("admin");
    if (isLiveAdmin && (await countLiveKeys(tx, change.organizationId)).admin === 1) {
      return { ok: false, refusal: "last_admin_key" };
    }
    await tx
      .updateTable("api_keys")
      .set({ revoked_at: sql<Date>`now()` })
      .where("key_id", "=", keyId)
      .execute();
    await insertAuditEntry(tx, { ...change, action: "api_key.revoked", target: keyId });
    return { ok: true };
  });
}

/**
 * The new key takes over the old one's scopes and name; the old one ends after the overlap, or earlier when it would
 * have ended earlier anyway. Both or neither: a crash in between leaves the old key as it was.
 */
export async function rotateApiKey(
  db: Database,
  { organizationId, keyId }: { organizationId: string; keyId: string },
  fresh: { keyId: string; secretHash: string },
  overlapSeconds: number,
): Promise<KeyOutcome<{ rotatedAt: Date; previousKeyExpiresAt: Date }>> {
  return db.transaction().execute(async (tx) => {
    const change = { organizationId, actor: keyId };
    const refusal = await lockKeys(tx, change);
    if (refusal) return { ok: false, refusal };
    const old = await tx
      .updateTable("api_keys")
      .set({ expires_at: sql<Date>`least(expires_at, now() + make_interval(secs => ${overlapSeconds}))` })
      .where("key_id", "=", keyId)
      .returning(["name", "scopes", sql<Date>`expires_at`.as("expiresAt"), sql<Date>`now()`.as("rotatedAt")])
      .executeTakeFirstOrThrow();
    await insertApiKey(tx, organizationId, { ...fresh, scopes: old.scopes, name: old.name });
    await insertAuditEntry(tx, {
      ...change,
      action: "api_key.rotated",
      target: keyId,
      detail: { new_key_id: fresh.keyId, previous_key_expires_at: old.expiresAt },
    });
    return { ok: true, rotatedAt: old.rotatedAt, previousKeyExpiresAt: old.expiresAt };
  });
}

/** From here to the commit nobody else changes the organization's keys. */
async function lockKeys(
  tx: Kysely<DB>,
  { organizationId, actor }: KeyChange,
): Promise<"organization_gone" | "actor_revoked" | undefined> {
  // Keys go with their organization.
  if (!(await lockOrganization(tx, organizationId)))
    return actor === "operator" ? "organization_gone" : "actor_revoked";
  if (actor === "operator") return undefined;
  // A key that was revoked a moment ago must not make itself a successor on a gateway that has not heard of it yet.
  const own = await tx
    .selectFrom("api_keys")
    .select("key_id")
    .where("key_id", "=", actor)
    .where("organization_id", "=", organizationId)
    .where(isLiveKey)
    .executeTakeFirst();
  return own ? undefined : "actor_revoked";
}

async function countLiveKeys(
  tx: Kysely<DB>,
  organizationId: string,
): Promise<{ all: number; admin: number }> {
  return tx
    .selectFrom("api_keys")
    .select([
      sql<number>`count(*)`.as("all"),
      sql<number>`count(*) FILTER (WHERE 'admin' = ANY(scopes))`.as("admin"),
    ])
    .where("organization_id", "=", organizationId)
    .where(isLiveKey)
    .executeTakeFirstOrThrow();
}
