import { expect, test } from "@jest/globals";
import { errorDetail } from "./send-webhook-detail.ts";

test.each([
  [new Error("connect ECONNREFUSED 10.0.0.1:80"), "connect ECONNREFUSED 10.0.0.1:80"],
  [new Error("cannot reach https://h.test/T0/secret?k=v now"), "cannot reach [url] now"],
  [new Error("a\r\nb\u0000c\u202ed\ud800e"), "a b c d e"],
  [new Error("x".repeat(10_000)), "x".repeat(500)],
  ["text", "text"],
  [undefined, "undefined"],
])("an error becomes one short line without URLs and control characters: %#", (error, detail) => {
  expect(errorDetail(error)).toBe(detail);
});
