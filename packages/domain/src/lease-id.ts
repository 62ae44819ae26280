import { hash } from "node:crypto";
import { createId } from "./ids.ts";

/**
 * A UUIDv7 whose last 32 bits are made from its others and the organization. No row remembers a lease that is over,
 * and yet an id that we gave to this organization (expired) can be told from one that we never did (unknown).
 */
export function createLeaseId(organizationId: string): string {
  const head = createId().slice(0, -8);
  return head + checksumOf(head, organizationId);
}

export function isLeaseIdOf(leaseId: string, organizationId: string): boolean {
  return leaseId.slice(-8) === checksumOf(leaseId.slice(0, -8), organizationId);
}

function checksumOf(head: string, organizationId: string): string {
  return hash("sha256", `lease/${head}/${organizationId}`).slice(0, 8);
}
