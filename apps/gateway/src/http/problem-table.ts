import type { ErrorCode } from "@triggers/domain";

export interface Problem {
  status: number;
  title: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** What brings it about, and what helps: sentences for whoever meets the code. */
  cause: string;
  cure: string;
}

const waitAndRetry = "Send the request again after the seconds that `Retry-After` names.";

/** The only place that knows status codes. A new error code does not compile until it stands here, explained. */
export const problems: Record<ErrorCode, Problem> = {
  invalid_request: {
    ...{ status: 400, title: "The request breaks a rule", retryable: false },
    cause:
      "A field, a query parameter or an id in the path is missing or breaks its rule; or the body is no object, repeats a key, is deeper than 64 or holds a number that is not finite.",
    cure: "`errors` names every fault by its place. Mend the request; sending it again unchanged fails again.",
  },
  malformed_json: {
    ...{ status: 400, title: "The body is not JSON in UTF-8", retryable: false },
    cause: "The body is empty, is not valid JSON or is not UTF-8.",
    cure: "Let a JSON library write the body, and send it as UTF-8.",
  },
  unknown_field: {
    ...{ status: 400, title: "A field is not known here", retryable: false },
    cause: "The body or the query holds a field that the route does not know, perhaps a misspelt one.",
    cure: "`errors` names it, with the nearest name that is known. Correct it or leave it out.",
  },
  missing_api_key: {
    ...{ status: 401, title: "An API key is needed", retryable: false },
    cause: "The request carries no API key.",
    cure: "Send the key as `X-API-Key: <key>` or `Authorization: Bearer <key>`.",
  },
  invalid_api_key: {
    ...{ status: 401, title: "The API key is not valid", retryable: false },
    cause: "The key is misspelt, was rotated or revoked, or has expired. The answer does not tell which.",
    cure: "Use a key that is live. Whoever holds an `admin` key sees them with `GET /api/keys`.",
  },
  conflicting_api_keys: {
    ...{ status: 400, title: "Two different API keys came in one request", retryable: false },
    cause: "`X-API-Key` and `Authorization` carry different keys.",
    cure: "Send one of them.",
  },
  key_check_busy: {
    ...{ status: 503, title: "Too many API keys wait to be checked", retryable: true },
    cause: "More keys that were not seen lately came in than can be checked at once.",
    cure: `${waitAndRetry} Nothing was done.`,
  },
  last_admin_key: {
    ...{ status: 409, title: "The last admin key cannot be revoked", retryable: false },
    cause: "Without this key nobody could manage the organization's keys any more.",
    cure: "Create another key with the scope `admin` first, or replace this one with `POST /api/keys/rotate`.",
  },
  key_limit_reached: {
    ...{ status: 409, title: "The organization has too many API keys", retryable: false },
    cause: "The organization has as many live keys as it may have.",
    cure: "Revoke keys that nobody uses: `GET /api/keys` shows when each was used last.",
  },
  missing_scope: {
    ...{ status: 403, title: "The API key lacks the scope", retryable: false },
    cause: "The key is good, but it may not do this.",
    cure: "Use a key with the scope that `detail` names, or with `admin`.",
  },
  admin_token_required: {
    ...{ status: 401, title: "The operator's token is needed", retryable: false },
    cause:
      "The route is the operator's, or signup is closed on this server, and the token is missing or wrong.",
    cure: "Send `Authorization: Bearer <ADMIN_TOKEN>`, or ask the operator for a key.",
  },
  organization_suspended: {
    ...{ status: 403, title: "The organization is suspended", retryable: false },
    cause: "The operator has suspended the organization.",
    cure: "Ask the operator. Nothing that was stored is lost.",
  },
  not_found: {
    ...{ status: 404, title: "There is no such resource", retryable: false },
    cause: "The id or the path is not known, or it belongs to another organization.",
    cure: "Check the id, the path and whose key it is.",
  },
  lease_expired: {
    ...{ status: 409, title: "The lease has expired", retryable: false },
    cause:
      "The lease's time is over, or nothing of it is left: its events were acknowledged, released, or leased by others.",
    cure: "Lease again. Extend a lease (`POST /api/inbox/extend`) well before its end when the work takes longer.",
  },
  not_quarantined: {
    ...{ status: 409, title: "The event is not quarantined", retryable: false },
    cause: "Only events that are quarantined can be put back into the inbox.",
    cure: "Nothing needs to be done for an event that is available, leased or acknowledged.",
  },
  method_not_allowed: {
    ...{ status: 405, title: "The resource does not know this method", retryable: false },
    cause: "The path exists, but not with this method.",
    cure: "Use one of the methods that `Allow` names.",
  },
  payload_too_large: {
    ...{ status: 413, title: "The body is too large", retryable: false },
    cause: "The body has more bytes than `limit_bytes`.",
    cure: "Send less at once. Large content belongs into a store of its own; send where it is.",
  },
  batch_exceeds_rate_limit: {
    ...{ status: 413, title: "The batch has more events than the tier allows in a minute", retryable: false },
    cause: "A batch counts as its number of events, and a whole minute's budget is smaller than that.",
    cure: "Send smaller batches, of at most as many events as `X-RateLimit-Limit` says.",
  },
  headers_too_large: {
    ...{ status: 431, title: "The request's head is too large", retryable: false },
    cause: "Path, query and headers together are larger than 16 KiB.",
    cure: "Send less in them; what an event holds belongs into the body.",
  },
  request_timeout: {
    ...{ status: 408, title: "The request did not come in time", retryable: true },
    cause:
      "The client took longer to send the request than the server waits. The connection is closed, and nothing was done.",
    cure: "Send the request again on a new connection; send large batches in parts.",
  },
  unsupported_media_type: {
    ...{ status: 415, title: "The content type is not supported", retryable: false },
    cause: "The `Content-Type` is missing or is not one that the route takes, or the body is compressed.",
    cure: "Send `Content-Type: application/json`, uncompressed and in UTF-8.",
  },
  duplicate_event: {
    ...{ status: 409, title: "The event was accepted before", retryable: false },
    cause: "An event with the same `dedup_id` was accepted within the window.",
    cure: "Nothing needs to be done: `id` names the first event, which is durable. `?on_duplicate=accept` answers 202.",
  },
  idempotency_key_reused: {
    ...{ status: 422, title: "The Idempotency-Key came with another body before", retryable: false },
    cause: "The same `Idempotency-Key` was sent with another body within the window.",
    cure: "Use a new key for every request, and the same one only to repeat it unchanged.",
  },
  webhook_url_refused: {
    ...{ status: 400, title: "The webhook URL is not allowed", retryable: false },
    cause:
      "The URL is not http(s), carries user info, or leads to a private, loopback, link-local or other reserved address.",
    cure: "Use a public address. The operator can allow networks with `WEBHOOK_ALLOWED_CIDRS`.",
  },
  delivery_busy: {
    ...{ status: 409, title: "The delivery is being attempted", retryable: true },
    cause: "An attempt of this delivery is under way, or one was asked for and has not begun yet.",
    cure: "Wait for its end: `GET /api/deliveries/{id}` shows it. Then ask again, if it is still needed.",
  },
  endpoint_disabled: {
    ...{ status: 409, title: "The endpoint is disabled", retryable: false },
    cause:
      "The endpoint was disabled, by hand or because it failed for long, and gets nothing until it is enabled.",
    cure: "`POST /api/endpoints/{id}/enable`, then send the request again.",
  },
  endpoint_deleted: {
    ...{ status: 409, title: "The endpoint is deleted", retryable: false },
    cause: "The delivery's endpoint was deleted; nothing can be sent to it any more.",
    cure: "Create an endpoint, and replay to it what it is missing: `POST /api/endpoints/{id}/replay`.",
  },
  event_erased: {
    ...{ status: 409, title: "The event is erased", retryable: false },
    cause: "The event's content was erased on request; there is nothing left to send.",
    cure: "Send the event anew, if its sender still has it.",
  },
  replay_running: {
    ...{ status: 409, title: "A replay is running already", retryable: true },
    cause: "One replay may run for an endpoint at a time, and one for all endpoints of an organization.",
    cure: "Wait until it is completed (`GET /api/replays?status=running`), or cancel it with `DELETE /api/replays/{id}`.",
  },
  endpoint_limit_reached: {
    ...{ status: 409, title: "There are too many endpoints", retryable: false },
    cause: "The organization has 50 endpoints of this subscriber, or 50 without a subscriber.",
    cure: "Delete endpoints that nobody needs: `GET /api/endpoints?subscriber=…` lists them.",
  },
  endpoint_name_taken: {
    ...{ status: 409, title: "There is an endpoint of that name", retryable: false },
    cause: "The name `default` belongs to the endpoint of `/api/webhook/config`, and there is one already.",
    cure: "Choose another name, or change the one that there is.",
  },
  secret_limit_reached: {
    ...{ status: 409, title: "Too many signing secrets are live", retryable: false },
    cause: "Every secret signs until its overlap ends, and five are live already.",
    cure: "Wait until one ends, or rotate with `overlap_seconds: 0`, which ends all the old ones at once.",
  },
  too_many_tests: {
    ...{ status: 429, title: "Too many tests are under way", retryable: true },
    cause: "The organization has as many test sends under way as it may have at once.",
    cure: waitAndRetry,
  },
  worker_unavailable: {
    ...{ status: 503, title: "No worker sent the test in time", retryable: true },
    cause: "No worker is running, all are busy, or delivery is switched off on this server.",
    cure: `${waitAndRetry} If it fails again, ask the operator.`,
  },
  rate_limit_exceeded: {
    ...{ status: 429, title: "The rate limit is used up", retryable: true },
    cause: "The organization has used up what its tier allows in this minute.",
    cure: `${waitAndRetry} \`X-RateLimit-Remaining\` tells beforehand how much is left.`,
  },
  dedup_window_full: {
    ...{ status: 429, title: "The dedup window is full", retryable: true },
    cause: "The organization has as many `dedup_id`s and `Idempotency-Key`s in the window as it may have.",
    cure: `${waitAndRetry} Events with neither are still accepted.`,
  },
  signup_limit_exceeded: {
    ...{ status: 429, title: "Too many signups from this address", retryable: true },
    cause: "Too many organizations were created from this address in this minute.",
    cure: waitAndRetry,
  },
  too_many_waiters: {
    ...{ status: 429, title: "Too many readers wait", retryable: true },
    cause: "As many long-polls and streams of the organization wait on this gateway as may wait at once.",
    cure: `${waitAndRetry} Let fewer readers wait, or read without \`wait_seconds\`.`,
  },
  queue_unavailable: {
    ...{ status: 503, title: "The queue cannot be reached", retryable: true },
    cause: "Redis did not answer in time. An event that was sent may have been accepted.",
    cure: `${waitAndRetry} With the same \`dedup_id\` no event is accepted twice.`,
  },
  queue_full: {
    ...{ status: 503, title: "The queue is full", retryable: true },
    cause: "Too many events wait to be stored.",
    cure: `${waitAndRetry} Nothing was accepted.`,
  },
  database_unavailable: {
    ...{ status: 503, title: "The database cannot be reached", retryable: true },
    cause: "Postgres did not answer in time.",
    cure: waitAndRetry,
  },
  not_ready: {
    ...{ status: 503, title: "The process is not ready", retryable: true },
    cause:
      "The process is starting or draining; or what it accepts could be lost: its clock is off, or Redis does not keep what it is given as `DURABILITY` wants it.",
    cure: `${waitAndRetry} Nothing was accepted. \`/health/ready\` names the reason.`,
  },
  internal_error: {
    ...{ status: 500, title: "Something went wrong on our side", retryable: true },
    cause: "A fault of the service. The log has it under the `request_id`.",
    cure: "Send the request again. If it fails again, tell the operator the `request_id`.",
  },
};
