/** Every refusal that a client can meet. The HTTP meaning of each stands in the gateway's `http/problem.ts`. */
export type ErrorCode =
  | "invalid_request"
  | "malformed_json"
  | "unknown_field"
  | "missing_api_key"
  | "invalid_api_key"
  | "conflicting_api_keys"
  | "key_check_busy"
  | "last_admin_key"
  | "key_limit_reached"
  | "missing_scope"
  | "admin_token_required"
  | "organization_suspended"
  | "not_found"
  | "lease_expired"
  | "not_quarantined"
  | "method_not_allowed"
  | "payload_too_large"
  | "batch_exceeds_rate_limit"
  | "headers_too_large"
  | "request_timeout"
  | "unsupported_media_type"
  | "duplicate_event"
  | "idempotency_key_reused"
  | "webhook_url_refused"
  | "delivery_busy"
  | "endpoint_disabled"
  | "endpoint_deleted"
  | "event_erased"
  | "replay_running"
  | "endpoint_limit_reached"
  | "endpoint_name_taken"
  | "secret_limit_reached"
  | "too_many_tests"
  | "worker_unavailable"
  | "rate_limit_exceeded"
  | "dedup_window_full"
  | "signup_limit_exceeded"
  | "too_many_waiters"
  | "queue_unavailable"
  | "queue_full"
  | "database_unavailable"
  | "not_ready"
  | "internal_error";

/** One broken field: `pointer` is a JSON Pointer into the body, or the name of a query or path parameter. */
export interface FieldError {
  pointer: string;
  detail: string;
}

/** What goes beyond code and message: `fields` become `errors`, `extra` members stand beside them, headers as named. */
export interface ErrorDetails {
  fields?: FieldError[];
  extra?: Record<string, unknown>;
  headers?: Record<string, string>;
  cause?: unknown;
}

/** A refusal with a public message. Causes and secrets belong into `cause`, which never leaves the process. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = "DomainError";
    this.code = code;
    this.details = details;
  }
}
