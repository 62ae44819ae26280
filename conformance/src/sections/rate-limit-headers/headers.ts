import { expectHeader, expectTrue } from "../../expect.ts";
import type { Answer } from "../../http-call.ts";

export interface RateLimit {
  limit: number;
  remaining: number;
  /** Until the window begins anew. */
  resetSeconds: number;
}

/** What both families of headers say; they must say the same. */
export function rateLimitOf(answer: Answer): RateLimit {
  const number = (name: string) => Number(expectHeader(answer, name, /^\d+$/));
  const limit = number("X-RateLimit-Limit");
  const remaining = number("X-RateLimit-Remaining");
  const resetSeconds = number("X-RateLimit-Reset") - Math.floor(Date.now() / 1_000);
  const policy = expectHeader(answer, "RateLimit-Policy", /^"[^"]+";q=\d+;w=\d+$/);
  const draft = expectHeader(answer, "RateLimit", /^"[^"]+";r=\d+;t=\d+$/);
  expectTrue(`q=${limit} in RateLimit-Policy`, policy.includes(`;q=${limit};`), policy);
  expectTrue(`r=${remaining} in RateLimit`, draft.includes(`;r=${remaining};`), draft);
  const t = Number(/t=(\d+)/.exec(draft)?.[1]);
  expectTrue(`t near ${resetSeconds} in RateLimit`, Math.abs(t - resetSeconds) <= 2, draft);
  return { limit, remaining, resetSeconds };
}
