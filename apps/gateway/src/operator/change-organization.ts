import { type Database, findOrganization, type OrganizationRow, updateOrganization } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import type { Logger } from "@triggers/runtime";
import { changeEverywhere } from "../keys/change-keys.ts";
import type { RaiseEpoch } from "../keys/epochs.ts";
import type { ChangeOrganizationBody } from "./operator-schemas.ts";

export interface ChangeOrganizationDeps {
  db: Database;
  raiseEpoch: RaiseEpoch;
  logger: Logger;
}

/** Counts on every gateway within a second. */
export async function changeOrganization(
  deps: ChangeOrganizationDeps,
  id: string,
  { tier, rate_limit_per_minute, suspended }: ChangeOrganizationBody,
): Promise<OrganizationRow> {
  await getOrganization(deps.db, id);
  const changed = await changeEverywhere(deps, id, () =>
    updateOrganization(deps.db, id, "operator", {
      ...(tier === undefined ? {} : { tier }),
      ...(rate_limit_per_minute === undefined ? {} : { rateLimitPerMinute: rate_limit_per_minute }),
      ...(suspended === undefined ? {} : { isSuspended: suspended }),
    }),
  );
  if (!changed) throw noSuchOrganization();
  return changed;
}

export async function getOrganization(db: Database, id: string): Promise<OrganizationRow> {
  const found = await findOrganization(db, id);
  if (!found) throw noSuchOrganization();
  return found;
}

export function noSuchOrganization(): DomainError {
  return new DomainError("not_found", "There is no such organization.");
}
