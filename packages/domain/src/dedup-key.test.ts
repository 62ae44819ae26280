import { expect, it } from "@jest/globals";
import { dedupKeyOf } from "./dedup-key.ts";

it("is 22 base64url characters, and the same for ever", () => {
  // A literal: keys that Redis holds already must be found again when the code changes.
  expect(dedupKeyOf("dedup", "org", "order-1")).toBe("C76xvaQQtTaJfUkeQt5umw");
  expect(dedupKeyOf("dedup", "org", "x".repeat(255))).toMatch(/^[A-Za-z0-9_-]{22}$/);
});

it("differs for every kind, organization, and list of parts", () => {
  const keys = [
    dedupKeyOf("dedup", "org", "a"),
    dedupKeyOf("idempotency", "org", "a"),
    dedupKeyOf("dedup", "org2", "a"),
    dedupKeyOf("dedup", "org"),
    dedupKeyOf("dedup", "org", ""),
    dedupKeyOf("dedup", "org", "", ""),
    dedupKeyOf("dedup", "org", "ab"),
    dedupKeyOf("dedup", "org", "a", "b"),
    dedupKeyOf("dedup", "org", "1:a"),
    dedupKeyOf("dedup", "org", "a1:b"),
    dedupKeyOf("dedup", "org1:a"),
    dedupKeyOf("dedup", "org", "\ud800"),
    dedupKeyOf("dedup", "org", "\ud801"),
    dedupKeyOf("dedup", "org", "\ufffd"),
    dedupKeyOf("dedup", "org", "\u00e9"),
    dedupKeyOf("dedup", "org", "e\u0301"),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});
