import { expect, it } from "@jest/globals";
import { defaultRateLimits, isTier, tiers } from "./tier.ts";

it("every tier has the promised number of events per minute", () => {
  expect(tiers.map((tier) => [tier, defaultRateLimits[tier]])).toEqual([
    ["free", 100],
    ["pro", 1_000],
    ["business", 10_000],
    ["enterprise", 100_000],
  ]);
});

it("isTier accepts the four tiers and nothing that merely looks like one", () => {
  expect(tiers.every(isTier)).toBe(true);
  for (const text of ["", "Free", "gold", "toString", "free "]) expect(isTier(text)).toBe(false);
});
