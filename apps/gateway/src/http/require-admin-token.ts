import { createHash, timingSafeEqual } from "node:crypto";
import { DomainError } from "@triggers/domain";
import type { Request } from "express";
import { bearerTokenOf } from "./api-key-of-request.ts";

/** Compares hashes, so that the time taken tells nothing about the token. Without a token set nobody is the operator. */
export function requireAdminToken(
  req: Request,
  adminToken: string | undefined,
  detail = "This is the operator's; send `Authorization: Bearer <ADMIN_TOKEN>`.",
): void {
  const given = bearerTokenOf(req);
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (
    given === undefined ||
    adminToken === undefined ||
    !timingSafeEqual(digest(given), digest(adminToken))
  ) {
    throw new DomainError("admin_token_required", detail);
  }
}
