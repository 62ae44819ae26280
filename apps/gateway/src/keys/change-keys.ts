import type { KeyOutcome, KeyRefusal } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import type { Logger } from "@triggers/runtime";
import type { RaiseEpoch } from "./epochs.ts";

/**
 * Runs a change that every gateway must know of within a second. The epoch is raised before the commit too: where
 * that fails nothing has changed yet. Once committed, the change is answered in any case.
 */
export async function changeEverywhere<T>(
  deps: { raiseEpoch: RaiseEpoch; logger: Logger },
  organizationId: string,
  change: () => Promise<T>,
): Promise<T> {
  await deps.raiseEpoch(organizationId).catch((cause: unknown) => {
    throw new DomainError(
      "queue_unavailable",
      "This cannot be changed while Redis is away; try again shortly.",
      { cause },
    );
  });
  const result = await change();
  await deps.raiseEpoch(organizationId).catch((error: unknown) => {
    deps.logger.error("a change of keys may be unknown elsewhere for another minute", {
      organizationId,
      error,
    });
  });
  return result;
}

const refusals: Record<KeyRefusal, () => DomainError> = {
  organization_gone: () => new DomainError("not_found", "There is no such organization."),
  actor_revoked: () => new DomainError("invalid_api_key", "The API key is not valid."),
  no_such_key: () => new DomainError("not_found", "There is no such API key."),
  last_admin_key: () =>
    new DomainError(
      "last_admin_key",
      "This is the last admin key; create or rotate one before you revoke it.",
    ),
  key_limit_reached: () =>
    new DomainError("key_limit_reached", "The organization has as many API keys as it may have; revoke one."),
};

/** What the change made, or its refusal thrown. */
export function requireOk<T>(outcome: KeyOutcome<T>): { ok: true } & T {
  if (!outcome.ok) throw refusals[outcome.refusal]();
  return outcome;
}
