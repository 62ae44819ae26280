import { DomainError } from "@triggers/domain";
import type { Request } from "express";

/** The key of `X-API-Key` or `Authorization: Bearer`; two that differ are refused rather than one ignored. */
export function apiKeyOf(req: Request): string {
  const fromHeader = req.get("x-api-key");
  const fromBearer = bearerTokenOf(req);
  if (fromHeader && fromBearer && fromHeader !== fromBearer) {
    throw new DomainError(
      "conflicting_api_keys",
      "X-API-Key and Authorization carry different keys; send one.",
    );
  }
  const key = fromHeader ?? fromBearer;
  if (!key)
    throw new DomainError("missing_api_key", "Send your API key as `X-API-Key` or `Authorization: Bearer`.");
  return key;
}

export function bearerTokenOf(req: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(req.get("authorization") ?? "")?.[1];
}
