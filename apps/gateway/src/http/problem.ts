import { DomainError, type ErrorCode } from "@triggers/domain";
import type { Response } from "express";
import { requestIdOf } from "./request-context.ts";

interface Problem {
  status: number;
  title: string;
  retryable: boolean;
}

/** The only place that knows status codes. A new error code does not compile until it stands here. */
export const problems: Record<ErrorCode, Problem> = {
  invalid_request: { status: 400, title: "The request breaks a rule", retryable: false },
  malformed_json: { status: 400, title: "The body is not JSON in UTF-8", retryable: false },
  unknown_field: { status: 400, title: "A field is not known here", retryable: false },
  missing_api_key: { status: 401, title: "An API key is needed", retryable: false },
  invalid_api_key: { status: 401, title: "The API key is not valid", retryable: false },
  conflicting_api_keys: {
    status: 400,
    title: "Two different API keys came in one request",
    retryable: false,
  },
  key_check_busy: { status: 503, title: "Too many API keys wait to be checked", retryable: true },
  last_admin_key: { status: 409, title: "The last admin key cannot be revoked", retryable: false },
  key_limit_reached: { status: 409, title: "The organization has too many API keys", retryable: false },
  missing_scope: { status: 403, title: "The API key lacks the scope", retryable: false },
  admin_token_required: { status: 401, title: "The operator's token is needed", retryable: false },
  organization_suspended: { status: 403, title: "The organization is suspended", retryable: false },
  not_found: { status: 404, title: "There is no such resource", retryable: false },
  method_not_allowed: { status: 405, title: "The resource does not know this method", retryable: false },
  payload_too_large: { status: 413, title: "The body is too large", retryable: false },
  batch_exceeds_rate_limit: {
    status: 413,
    title: "The batch has more events than the tier allows in a minute",
    retryable: false,
  },
  unsupported_media_type: { status: 415, title: "The content type is not supported", retryable: false },
  duplicate_event: { status: 409, title: "The event was accepted before", retryable: false },
  idempotency_key_reused: {
    status: 422,
    title: "The Idempotency-Key came with another body before",
    retryable: false,
  },
  webhook_url_refused: { status: 400, title: "The webhook URL is not allowed", retryable: false },
  rate_limit_exceeded: { status: 429, title: "The rate limit is used up", retryable: true },
  dedup_window_full: { status: 429, title: "The dedup window is full", retryable: true },
  signup_limit_exceeded: { status: 429, title: "Too many signups from this address", retryable: true },
  queue_unavailable: { status: 503, title: "The queue cannot be reached", retryable: true },
  queue_full: { status: 503, title: "The queue is full", retryable: true },
  database_unavailable: { status: 503, title: "The database cannot be reached", retryable: true },
  not_ready: { status: 503, title: "The process is not ready", retryable: true },
  internal_error: { status: 500, title: "Something went wrong on our side", retryable: true },
};

/** RFC 9457. `error` repeats the detail for clients of old. */
export function sendProblem(res: Response, error: DomainError): void {
  const { status, title, retryable } = problems[error.code];
  const { fields, extra, headers } = error.details;
  if (headers) res.set(headers);
  if (status === 503 && !res.hasHeader("Retry-After")) res.set("Retry-After", "1");
  if (status === 401) res.set("WWW-Authenticate", 'Bearer realm="triggers"');
  res
    .status(status)
    .type("application/problem+json")
    .send(
      JSON.stringify({
        type: `/docs/errors/${error.code}`,
        title,
        status,
        detail: error.message,
        instance: res.req.originalUrl.split("?", 1)[0],
        code: error.code,
        retryable,
        request_id: requestIdOf(res),
        ...(fields ? { errors: fields } : {}),
        ...extra,
        error: error.message,
      }),
    );
}
