import type { JsonSchema } from "./json-schema-of.ts";

const text = { type: "string" };
const whole = { type: "integer" };

/** Headers of answers, by the names of their components. */
export const headerComponents: Record<string, { description: string; schema: JsonSchema }> = {
  RequestId: { description: "Names the request in the log; a sane one of the client is kept.", schema: text },
  ResponseTime: { description: "How long the answer took, such as `1.25ms`.", schema: text },
  RateLimitLimit: { description: "Requests per minute.", schema: whole },
  RateLimitRemaining: { description: "How many are left in this window.", schema: whole },
  RateLimitReset: { description: "When the window ends, in seconds since 1970.", schema: whole },
  RateLimitPolicy: { description: 'The IETF draft\'s form: `"publish";q=100;w=60`.', schema: text },
  RateLimit: { description: 'The IETF draft\'s form: `"publish";r=99;t=60`, `t` in seconds.', schema: text },
  RetryAfter: {
    description: "Whole seconds to wait before the same request.",
    schema: { type: "integer", minimum: 1 },
  },
  WwwAuthenticate: { description: "How to authenticate.", schema: text },
};

const common = { "X-Request-Id": "RequestId", "X-Response-Time": "ResponseTime" };
const limits = {
  "X-RateLimit-Limit": "RateLimitLimit",
  "X-RateLimit-Remaining": "RateLimitRemaining",
  "X-RateLimit-Reset": "RateLimitReset",
  "RateLimit-Policy": "RateLimitPolicy",
  RateLimit: "RateLimit",
};

/** The headers that every answer of this status has, as references. */
export function headersOf(status: number, isLimited: boolean): Record<string, unknown> {
  const names: Record<string, string> = {
    ...common,
    ...(isLimited ? limits : {}),
    ...(status === 429 || status === 503 ? { "Retry-After": "RetryAfter" } : {}),
    ...(status === 401 ? { "WWW-Authenticate": "WwwAuthenticate" } : {}),
  };
  return Object.fromEntries(
    Object.entries(names).map(([name, ref]) => [name, { $ref: `#/components/headers/${ref}` }]),
  );
}
