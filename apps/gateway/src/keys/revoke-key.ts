import { type Database, revokeApiKey } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import type { Logger } from "@triggers/runtime";
import { changeEverywhere, requireOk } from "./change-keys.ts";
import type { RaiseEpoch } from "./epochs.ts";
import type { Principal } from "./verified-keys.ts";

/** Ends a key of the organization on every gateway; the last admin key stays, since nobody could make another one. */
export async function revokeKey(
  deps: { db: Database; raiseEpoch: RaiseEpoch; logger: Logger },
  { organizationId, keyId: actor }: Principal,
  keyId: string,
): Promise<void> {
  // Postgres has no text with NUL in it: what cannot be an id need not be looked for.
  if (!/^[0-9A-Za-z]{1,64}$/.test(keyId)) throw new DomainError("not_found", "There is no such API key.");
  requireOk(
    await changeEverywhere(deps, organizationId, () =>
      revokeApiKey(deps.db, { organizationId, actor }, keyId),
    ),
  );
}
