import { beginErasure, continueErasure } from "@triggers/db";
import { changeEverywhere } from "../keys/change-keys.ts";
import { type ChangeOrganizationDeps, getOrganization, noSuchOrganization } from "./change-organization.ts";

/** A request should not outlast its proxies. */
const eraseLimitMs = 10_000;

/**
 * Marks the organization first, which ends its keys everywhere, then erases in pages. What is left when the time is
 * up, or when the process dies, is finished by a worker; asking again goes on as well.
 */
export async function eraseOrganization(
  deps: ChangeOrganizationDeps,
  id: string,
  limitMs = eraseLimitMs,
): Promise<"erased" | "erasing"> {
  await getOrganization(deps.db, id);
  const hasBegun = await changeEverywhere(deps, id, () => beginErasure(deps.db, id, "operator"));
  if (!hasBegun) throw noSuchOrganization();
  const endsAt = performance.now() + limitMs;
  const isDone = await continueErasure(deps.db, id, () => performance.now() > endsAt);
  return isDone ? "erased" : "erasing";
}
