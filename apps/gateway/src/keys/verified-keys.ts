import { hash } from "node:crypto";
import { type ApiKeyRow, type Database, findApiKey } from "@triggers/db";
import { DomainError, parseApiKey, type Scope, type Tier } from "@triggers/domain";
import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import type { SecretHasher } from "./secret-hasher.ts";

/** Who sends a request, and what it may do. */
export interface Principal {
  keyId: string;
  organizationId: string;
  organizationName: string;
  tier: Tier;
  scopes: readonly Scope[];
  rateLimitPerMinute: number;
}

export interface VerifiedKey {
  principal: Principal;
  /** The organization's epoch when the key's row was read; undefined until one is known. */
  epoch: string | undefined;
  readAt: number;
  expiresAt: number;
  /** A re-read in flight, shared by all requests that need it. */
  refresh: Promise<Principal> | undefined;
}

export interface VerifiedKeys {
  /** One bcrypt compare for a key that this process has not seen; nothing outside it for one that it has. */
  verify(apiKey: string): VerifiedKey | Promise<VerifiedKey>;
  /**
   * The key as of `epoch`: a rotation, a revocation or a new tier has raised it, and the row is read again. Without
   * an epoch (Redis is away) the row is read every time.
   */
  confirm(key: VerifiedKey, epoch: string | undefined): Principal | Promise<Principal>;
  stats(): { verified: number; refused: number };
}

interface Options {
  db: Database;
  hasher: SecretHasher;
  rateLimitOfTier: Record<Tier, number>;
  /** Beyond it the row is read again where Postgres answers: heals a rotation that died before it raised the epoch. */
  maxAgeMs?: number;
}

export function createVerifiedKeys({
  db,
  hasher,
  rateLimitOfTier,
  maxAgeMs = 60_000,
}: Options): VerifiedKeys {
  const verified = new LRUCache<string, VerifiedKey>({ max: 50_000 });
  const refused = new LRUCache<string, true>({ max: 50_000, ttl: 5_000 });
  const inFlight = new Map<string, Promise<VerifiedKey>>();
  // bcrypt runs in the thread pool that DNS and files need too.
  const oneOfFew = pLimit(2);

  async function verifyAgainstRow(digest: string, keyId: string, secret: string): Promise<VerifiedKey> {
    const row = await readRow(db, keyId);
    const isRight = row?.isLive === true && (await oneOfFew(() => hasher.compare(secret, row.secretHash)));
    if (!isRight) {
      refused.set(digest, true);
      throw invalidKey();
    }
    const key: VerifiedKey = {
      principal: toPrincipal(row, rateLimitOfTier),
      epoch: undefined,
      readAt: performance.now(),
      expiresAt: expiryOf(row),
      refresh: undefined,
    };
    verified.set(digest, key);
    return key;
  }

  async function readAgain(key: VerifiedKey, epoch: string | undefined): Promise<Principal> {
    const row = await readRow(db, key.principal.keyId);
    if (!row?.isLive) {
      key.expiresAt = 0;
      throw invalidKey();
    }
    key.principal = toPrincipal(row, rateLimitOfTier);
    key.epoch = epoch;
    key.readAt = performance.now();
    key.expiresAt = expiryOf(row);
    return key.principal;
  }

  return {
    verify(apiKey) {
      const parsed = parseApiKey(apiKey);
      if (!parsed) throw invalidKey();
      const digest = hash("sha256", apiKey, "base64");
      const known = verified.get(digest);
      if (known) {
        if (performance.now() < known.expiresAt) return known;
        throw invalidKey();
      }
      if (refused.has(digest)) throw invalidKey();
      const pending =
        inFlight.get(digest) ??
        verifyAgainstRow(digest, parsed.keyId, parsed.secret).finally(() => inFlight.delete(digest));
      inFlight.set(digest, pending);
      return pending;
    },
    confirm(key, epoch) {
      const isCurrent = epoch !== undefined && key.epoch === epoch;
      if (isCurrent && performance.now() - key.readAt < maxAgeMs) return key.principal;
      key.refresh ??= readAgain(key, epoch).finally(() => (key.refresh = undefined));
      if (!isCurrent) return key.refresh;
      // Nobody waits for a re-read that is only a precaution: Postgres may be away, or silent.
      key.refresh.catch(() => undefined);
      return key.principal;
    },
    stats: () => ({ verified: verified.size, refused: refused.size }),
  };
}

async function readRow(db: Database, keyId: string): Promise<ApiKeyRow | undefined> {
  try {
    return await findApiKey(db, keyId);
  } catch (cause) {
    throw new DomainError("database_unavailable", "The key cannot be checked right now; try again shortly.", {
      cause,
    });
  }
}

function toPrincipal(row: ApiKeyRow, rateLimitOfTier: Record<Tier, number>): Principal {
  if (row.isSuspended) throw new DomainError("organization_suspended", "This organization is suspended.");
  return {
    keyId: row.keyId,
    organizationId: row.organizationId,
    organizationName: row.organizationName,
    tier: row.tier,
    scopes: row.scopes,
    rateLimitPerMinute: row.rateLimitPerMinute ?? rateLimitOfTier[row.tier],
  };
}

function expiryOf(row: ApiKeyRow): number {
  return row.expiresInMs === null ? Infinity : performance.now() + row.expiresInMs;
}

/** The same for an unknown id and a wrong secret: nobody learns which ids exist. */
function invalidKey(): DomainError {
  return new DomainError("invalid_api_key", "The API key is not valid.");
}
