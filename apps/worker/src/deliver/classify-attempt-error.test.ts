import { expect, test } from "@jest/globals";
import { ADDRESS_REFUSED } from "@triggers/egress";
import { classifyAttemptError } from "./classify-attempt-error.ts";

test.each([
  [ADDRESS_REFUSED, "address_refused"],
  ["ETIMEDOUT", "timeout"],
  ["ENOTFOUND", "dns_failure"],
  ["EAI_AGAIN", "dns_failure"],
  ["EAI_NODATA", "dns_failure"],
  ["ECONNREFUSED", "connection_refused"],
  ["ECONNRESET", "connection_reset"],
  ["EPIPE", "connection_reset"],
  ["CERT_HAS_EXPIRED", "tls_failure"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls_failure"],
  ["EPROTO", "tls_failure"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls_failure"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls_failure"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls_failure"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "tls_failure"],
  ["HPE_INVALID_CONSTANT", "invalid_response"],
  ["HPE_HEADER_OVERFLOW", "invalid_response"],
  ["ERR_INVALID_URL", "invalid_request"],
  ["ERR_INVALID_CHAR", "invalid_request"],
  ["EHOSTUNREACH", "network_error"],
  ["ENETUNREACH", "network_error"],
  ["EMFILE", "network_error"],
])("%s is %s, on the error or below it", (code, errorCode) => {
  expect(classifyAttemptError(Object.assign(new Error("m"), { code }))).toBe(errorCode);
  const wrapped = Object.assign(new Error("w", { cause: { code } }), { code: "ERR_GOT_REQUEST_ERROR" });
  expect(classifyAttemptError(wrapped)).toBe(errorCode);
});

test("what is no error, or causes itself, is a network error", () => {
  const ring: { cause?: unknown } = {};
  ring.cause = ring;
  for (const odd of [undefined, null, "text", {}, { code: 5 }, ring])
    expect(classifyAttemptError(odd)).toBe("network_error");
});
