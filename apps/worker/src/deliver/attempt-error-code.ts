/** Why an attempt was no success: a closed set that customers see and metrics use as a label. */
export type AttemptErrorCode =
  | "timeout"
  | "dns_failure"
  | "connection_refused"
  | "connection_reset"
  | "tls_failure"
  /** The egress rule forbids the address. */
  | "address_refused"
  /** A complete answer, but neither 2xx nor a redirect. */
  | "http_status"
  /** A 3xx: redirects are never followed. */
  | "redirect_refused"
  /** What came back is not HTTP/1.1. */
  | "invalid_response"
  /** The URL or a header cannot be sent at all. */
  | "invalid_request"
  /** Cut by our own shutdown or a lost claim, no fault of the receiver. */
  | "interrupted"
  | "network_error";
