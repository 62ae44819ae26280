import { DomainError, requestDigestOf } from "@triggers/domain";
import type { Request } from "express";
import { bodyOf } from "../http/read-body.ts";

export interface IdempotencyKey {
  key: string;
  /** Of (organization, key, raw body). */
  digest: Buffer;
}

/** The request's `Idempotency-Key`, 1 to 255 characters as they are; undefined without one. */
export function idempotencyKeyOf(req: Request, organizationId: string): IdempotencyKey | undefined {
  const key = req.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || key.length === 0 || key.length > 255) {
    throw new DomainError("invalid_request", "The Idempotency-Key must have 1 to 255 characters.", {
      fields: [{ pointer: "Idempotency-Key", detail: "must have 1 to 255 characters" }],
    });
  }
  return { key, digest: requestDigestOf(organizationId, key, bodyOf(req)) };
}
