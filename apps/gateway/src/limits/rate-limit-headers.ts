import { DomainError } from "@triggers/domain";
import type { Response } from "express";
import type { Budget, Grant } from "./limiter.ts";

/** The widely used `X-RateLimit-*` family and the IETF draft's. `Reset` is in unix seconds, the draft's `t` in seconds. */
export function setRateLimitHeaders(res: Response, budget: Budget, grant: Grant, windowMs: number): void {
  if (grant.outcome === "unknown") return;
  res.setHeader("X-RateLimit-Limit", grant.limit);
  res.setHeader("X-RateLimit-Remaining", grant.remaining);
  res.setHeader("X-RateLimit-Reset", Math.ceil(Date.now() / 1_000) + grant.resetSeconds);
  res.setHeader("RateLimit-Policy", `"${budget}";q=${grant.limit};w=${Math.ceil(windowMs / 1_000)}`);
  res.setHeader("RateLimit", `"${budget}";r=${grant.remaining};t=${grant.resetSeconds}`);
}

export function rateLimitError(grant: Grant): DomainError {
  if (grant.outcome === "unknown") {
    return new DomainError("queue_unavailable", "The queue cannot be reached right now; try again shortly.", {
      cause: grant.cause,
    });
  }
  return new DomainError(
    "rate_limit_exceeded",
    `The limit of ${grant.limit} per minute is used up; it starts anew in ${grant.resetSeconds} s.`,
    { headers: { "Retry-After": String(grant.resetSeconds) } },
  );
}
