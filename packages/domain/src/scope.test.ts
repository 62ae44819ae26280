import { expect, it } from "@jest/globals";
import { allows, scopes } from "./scope.ts";

it("admin allows everything", () => {
  for (const needed of scopes) expect(allows(["admin"], needed)).toBe(true);
});

it("every other scope allows itself only", () => {
  for (const granted of scopes.filter((scope) => scope !== "admin")) {
    expect(scopes.filter((needed) => allows([granted], needed))).toEqual([granted]);
  }
});

it("no scope allows nothing, and several add up", () => {
  expect(scopes.some((needed) => allows([], needed))).toBe(false);
  expect(scopes.filter((needed) => allows(["read", "publish"], needed))).toEqual(["publish", "read"]);
});
