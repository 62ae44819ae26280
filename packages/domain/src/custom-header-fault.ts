/** Headers that only the service itself may set, in lower case. */
export const reservedHeaders: ReadonlySet<string> = new Set([
  // What a delivery says about itself.
  ...["content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature"],
  ...["x-event-id", "x-event-type", "x-delivery-attempt"],
  // What frames the message, and what is meant for the next hop only (RFC 9110 §7.6.1, RFC 2616 §13.5.1).
  ...["host", "content-length", "transfer-encoding", "trailer", "te", "connection", "keep-alive", "upgrade"],
  ...["proxy-connection", "proxy-authenticate", "proxy-authorization", "expect", "http2-settings"],
  // No header, but it would vanish into the prototype of the object that carries the headers.
  "__proto__",
]);

/** Whether only the service itself may set this header; `name` in any case. */
export function isReservedHeader(name: string): boolean {
  return reservedHeaders.has(name.toLowerCase());
}

/**
 * Why an endpoint may not have this custom header, as the end of a sentence about it, or undefined when it may. Name and
 * value follow RFC 9110 §5.6.2 and §5.5, so that no CR, LF or NUL can smuggle in another header.
 */
export function customHeaderFault(name: string, value: string): string | undefined {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return "is not a valid header name";
  if (isReservedHeader(name)) return "is reserved and cannot be set";
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return "has a value with characters that a header cannot carry";
  return undefined;
}
