import { expect, it } from "@jest/globals";
import { customHeaderFault, isReservedHeader } from "./custom-header-fault.ts";

it.each([
  ["Authorization", "Bearer abc"],
  ["x-token", ""],
  ["X-Name", "caf\u00e9\tau lait"],
  ["x!#$%&'*+.^_`|~-1", "x"],
])("accepts %s: %j", (name, value) => expect(customHeaderFault(name, value)).toBeUndefined());

it.each(["", "a b", "a:", "a\r\nb", "a\u0000", "ü", "(a)"])("refuses the name %j", (name) => {
  expect(customHeaderFault(name, "x")).toBe("is not a valid header name");
});

it.each(["a\r\nx-evil: 1", "a\nb", "a\rb", "a\u0000b", "a\u007f", "\u20ac"])(
  "refuses the value %j unrepeated",
  (value) => {
    expect(customHeaderFault("x-a", value)).toBe("has a value with characters that a header cannot carry");
  },
);

it.each([
  ...["content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature", "x-event-id"],
  ...["x-event-type", "x-delivery-attempt", "host", "content-length", "connection", "transfer-encoding"],
  ...[
    "te",
    "trailer",
    "upgrade",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "expect",
    "__proto__",
  ],
])("refuses %s in any case", (name) => {
  for (const written of [name, name.toUpperCase()]) {
    expect(customHeaderFault(written, "x")).toBe("is reserved and cannot be set");
    expect(isReservedHeader(written)).toBe(true);
  }
});
