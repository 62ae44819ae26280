import { createHash, timingSafeEqual } from "node:crypto";
import { DomainError } from "@triggers/domain";
import type { Request, RequestHandler } from "express";
import { bearerTokenOf } from "../http/api-key-of-request.ts";

/** Refuses whoever does not send the operator's token; without a configured one, that is everybody. */
export function requireOperator(adminToken: string | undefined): RequestHandler {
  return (req, _res, next) => {
    if (!isOperator(req, adminToken)) {
      throw new DomainError("admin_token_required", "Send `Authorization: Bearer <ADMIN_TOKEN>`.");
    }
    next();
  };
}

/** Compares hashes, so that the time taken tells nothing about the token. */
export function isOperator(req: Request, adminToken: string | undefined): boolean {
  const given = bearerTokenOf(req);
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return (
    given !== undefined && adminToken !== undefined && timingSafeEqual(digest(given), digest(adminToken))
  );
}
