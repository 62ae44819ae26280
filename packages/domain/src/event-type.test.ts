import { describe, expect, it } from "@jest/globals";
import { isEventType, isEventTypePattern, isOperationalEventType, matchesEventType } from "./event-type.ts";

const validTypes = ["a", "user.created", "Order:paid/v2_final-1", "a..b", "-", "x".repeat(255)];
const invalidTypes = ["", ".", ".a", "a.", "a b", "ü", "a*", "a.*", "*", "a\n", "a\u0000", "x".repeat(256)];

describe("isEventType", () => {
  it.each(validTypes)("accepts %s", (text) => expect(isEventType(text)).toBe(true));
  it.each(invalidTypes)("refuses %j", (text) => expect(isEventType(text)).toBe(false));
});

describe("isEventTypePattern", () => {
  it.each([...validTypes, "*", "user.*", "a.b.*"])("accepts %s", (text) =>
    expect(isEventTypePattern(text)).toBe(true),
  );
  it.each(["", ".*", "**", "*.created", "user*", "user.*.x", "user..*", "user.*.*", "user. *"])(
    "refuses %j",
    (text) => expect(isEventTypePattern(text)).toBe(false),
  );
});

describe("matchesEventType", () => {
  const cases: [patterns: string[] | null, type: string, expected: boolean][] = [
    [null, "user.created", true],
    [[], "user.created", true],
    [["*"], "user.created", true],
    [["user.created"], "user.created", true],
    [["user.created"], "user.created.twice", false],
    [["user.created"], "User.created", false],
    [["user.*"], "user.a", true],
    [["user.*"], "user.a.b", true],
    [["user.*"], "user", false],
    [["user.*"], "users.a", false],
    [["order.paid", "user.*"], "user.a", true],
    [["order.paid", "user.*"], "order.shipped", false],
    [null, "endpoint.disabled", false],
    [[], "delivery.failed", false],
    [["*"], "event.dead_lettered", false],
    [["*", "delivery.*"], "delivery.failed", true],
    [["endpoint.disabled"], "endpoint.disabled", true],
    [["endpoint.*"], "endpoint.disabled", true],
    [["event.*"], "event.dead_lettered", true],
    [["event.*"], "endpoint.disabled", false],
    [["*"], "endpoint.created", true],
    [null, "delivery.failed.twice", true],
  ];
  it.each(cases)("patterns %j, type %s: %j", (patterns, type, expected) => {
    expect(matchesEventType(patterns, type)).toBe(expected);
  });
});

it("the operational types are exactly those of the contract", () => {
  for (const type of ["endpoint.disabled", "delivery.failed", "event.dead_lettered"]) {
    expect(isOperationalEventType(type)).toBe(true);
  }
  for (const type of ["endpoint.enabled", "Endpoint.disabled", "delivery", "*"]) {
    expect(isOperationalEventType(type)).toBe(false);
  }
});
