import { hash } from "node:crypto";
import { type ApiKeyRow, type Database, findApiKey } from "@triggers/db";
import { DomainError, parseApiKey, type Scope, type Tier } from "@triggers/domain";
import { LRUCache } from "lru-cache";
import { createKeyChecks } from "./key-checks.ts";
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
  isSuspended: boolean;
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

const remembered = 50_000;

export function createVerifiedKeys({
  db,
  hasher,
  rateLimitOfTier,
  maxAgeMs = 60_000,
}: Options): VerifiedKeys {
  const verified = new LRUCache<string, VerifiedKey>({ max: remembered });
  /** The digest of each verified key by its id: an id has one secret for ever, so every other one is wrong. */
  const rightDigests = new LRUCache<string, string>({ max: remembered });
  const refused = new LRUCache<string, true>({ max: remembered, ttl: 5_000 });
  /** Ids that do not exist or have ended: neither can change. */
  const deadIds = new LRUCache<string, true>({ max: remembered, ttl: 5_000 });
  const inFlight = new Map<string, Promise<VerifiedKey>>();
  const checks = createKeyChecks();

  function isKnownToBeWrong(digest: string, keyId: string): boolean {
    const right = rightDigests.get(keyId);
    return (right !== undefined && right !== digest) || deadIds.has(keyId) || refused.has(digest);
  }

  async function verifyAgainstRow(digest: string, keyId: string, secret: string): Promise<VerifiedKey> {
    // Another secret of the same id may have been settled while this one waited for its turn.
    if (isKnownToBeWrong(digest, keyId)) throw invalidKey();
    const row = await checks.lookUp(() => readRow(db, keyId));
    if (!row?.isLive) {
      deadIds.set(keyId, true);
      throw invalidKey();
    }
    if (!(await checks.compare(() => hasher.compare(secret, row.secretHash)))) {
      refused.set(digest, true);
      throw invalidKey();
    }
    const key: VerifiedKey = { ...toVerified(row, rateLimitOfTier), epoch: undefined, refresh: undefined };
    verified.set(digest, key);
    rightDigests.set(keyId, digest);
    return key;
  }

  async function readAgain(key: VerifiedKey, epoch: string | undefined): Promise<Principal> {
    const row = await readRow(db, key.principal.keyId);
    if (!row?.isLive) {
      key.expiresAt = 0;
      throw invalidKey();
    }
    Object.assign(key, toVerified(row, rateLimitOfTier), { epoch });
    return admitted(key);
  }

  return {
    verify(apiKey) {
      const digest = hash("sha256", apiKey, "binary");
      const known = verified.get(digest);
      if (known) {
        if (known.expiresAt === Infinity || performance.now() < known.expiresAt) return known;
        throw invalidKey();
      }
      const parsed = parseApiKey(apiKey);
      if (!parsed) throw invalidKey();
      const { keyId, secret } = parsed;
      if (isKnownToBeWrong(digest, keyId)) throw invalidKey();
      const pending =
        inFlight.get(digest) ??
        checks
          .inTurnOf(keyId, () => verifyAgainstRow(digest, keyId, secret))
          .finally(() => inFlight.delete(digest));
      inFlight.set(digest, pending);
      return pending;
    },
    confirm(key, epoch) {
      // It may have ended since it was verified: a stream goes on for hours.
      if (performance.now() >= key.expiresAt) throw invalidKey();
      const isCurrent = epoch !== undefined && key.epoch === epoch;
      if (isCurrent && performance.now() - key.readAt < maxAgeMs) return admitted(key);
      key.refresh ??= readAgain(key, epoch).finally(() => (key.refresh = undefined));
      if (!isCurrent) return key.refresh;
      // Nobody waits for a re-read that is only a precaution: Postgres may be away, or silent.
      key.refresh.catch(() => undefined);
      return admitted(key);
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

/** A suspension is remembered like everything else of the row: a suspended sender must not cost a compare each time. */
function admitted(key: VerifiedKey): Principal {
  if (key.isSuspended) throw new DomainError("organization_suspended", "This organization is suspended.");
  return key.principal;
}

function toVerified(row: ApiKeyRow, rateLimitOfTier: Record<Tier, number>) {
  const now = performance.now();
  return {
    principal: {
      keyId: row.keyId,
      organizationId: row.organizationId,
      organizationName: row.organizationName,
      tier: row.tier,
      scopes: row.scopes,
      rateLimitPerMinute: row.rateLimitPerMinute ?? rateLimitOfTier[row.tier],
    },
    isSuspended: row.isSuspended,
    readAt: now,
    expiresAt: row.expiresInMs === null ? Infinity : now + row.expiresInMs,
  };
}

/** The same for an unknown id and a wrong secret: nobody learns which ids exist. */
function invalidKey(): DomainError {
  return new DomainError("invalid_api_key", "The API key is not valid.");
}
