import { allows, DomainError, type Scope } from "@triggers/domain";
import { createSharedReads } from "@triggers/runtime";
import type { RedisClient } from "@triggers/runtime";
import { epochKey } from "../limits/limiter.ts";
import type { VerifiedKey, VerifiedKeys } from "./verified-keys.ts";

/**
 * Checks the key of a request that has waited for long, without taking a token; throws what the request would be refused
 * with now. Those of one organization that ask at the same time share one round trip.
 */
export type StillAdmits = (key: VerifiedKey, scope: Scope) => Promise<void>;

export function createStillAdmits(deps: {
  keys: VerifiedKeys;
  redis: RedisClient;
  prefix: string;
}): StillAdmits {
  const share = createSharedReads();
  return async (key, scope) => {
    const { organizationId } = key.principal;
    const epoch = await share(organizationId, () =>
      deps.redis.get(epochKey(deps.prefix, organizationId)).then(
        (value) => value ?? "",
        // Without Redis nobody knows the epoch: the key's row decides.
        () => undefined,
      ),
    );
    const principal = await deps.keys.confirm(key, epoch);
    if (!allows(principal.scopes, scope)) {
      throw new DomainError("missing_scope", `This key lacks the scope "${scope}".`);
    }
  };
}
