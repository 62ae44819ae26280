import { ADDRESS_REFUSED } from "@triggers/egress";
import type { AttemptErrorCode } from "./attempt-error-code.ts";

/** The first pattern that matches wins. Sources: Node.js' errors and tls pages, getaddrinfo(3), llhttp. */
const PATTERNS: readonly (readonly [RegExp, AttemptErrorCode])[] = [
  [new RegExp(`^${ADDRESS_REFUSED}$`), "address_refused"],
  [/^ETIMEDOUT$|^ESOCKETTIMEDOUT$/, "timeout"],
  [/^ENOTFOUND$|^EAI_|^ENODATA$|^ESERVFAIL$|^ETIMEOUT$|^EBADRESP$|^EBADNAME$/, "dns_failure"],
  [/^ECONNREFUSED$/, "connection_refused"],
  [/^ECONNRESET$|^EPIPE$|^ECONNABORTED$|^ERR_STREAM_PREMATURE_CLOSE$/, "connection_reset"],
  [/^ERR_TLS_|^ERR_SSL_|^ERR_OSSL_|^EPROTO$|^HOSTNAME_MISMATCH$|^INVALID_(CA|PURPOSE)$/, "tls_failure"],
  [/CERT|^CRL_|^UNABLE_TO_|^PATH_LENGTH_EXCEEDED$/, "tls_failure"],
  [/^HPE_|^ERR_HTTP_CONTENT_LENGTH_MISMATCH$/, "invalid_response"],
  [/^ERR_INVALID_|^ERR_UNESCAPED_CHARACTERS$|^ERR_UNSUPPORTED_PROTOCOL$/, "invalid_request"],
];

function isObject(value: unknown): value is { code?: unknown; cause?: unknown } {
  return typeof value === "object" && value !== null;
}

/** The codes of an error and of what caused it, outermost first; bounded, since causes can form a ring. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  let current = error;
  for (let depth = 0; depth < 5 && isObject(current); depth += 1) {
    if (typeof current.code === "string") codes.push(current.code);
    current = current.cause;
  }
  return codes;
}

/** What an error of got, Node.js or the egress guard means for the delivery; `network_error` when nothing is known. */
export function classifyAttemptError(error: unknown): AttemptErrorCode {
  for (const code of codesOf(error)) {
    const match = PATTERNS.find(([pattern]) => pattern.test(code));
    if (match) return match[1];
  }
  return "network_error";
}
