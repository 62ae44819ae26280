import { DomainError, isLeaseIdOf } from "@triggers/domain";

/** A lease id that this organization was never given is unknown; whether the lease still holds is another question. */
export function requireLease(organizationId: string, leaseId: string): void {
  if (!isLeaseIdOf(leaseId, organizationId)) throw new DomainError("not_found", "There is no such lease.");
}

export function leaseExpired(): DomainError {
  return new DomainError(
    "lease_expired",
    "The lease holds nothing any more: its time is over, or all of its events are acknowledged or released.",
  );
}
