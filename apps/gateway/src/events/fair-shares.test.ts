import { expect, test } from "@jest/globals";
import { createFairShares } from "./fair-shares.ts";

function sharesAt(clock: { ms: number }) {
  const shares = createFairShares({ now: () => clock.ms });
  return (organizationId: string, count: number) => {
    const verdicts = Array.from({ length: count }, () => shares.isAboveShare(organizationId));
    return verdicts.at(-1);
  };
}

test("who floods is above the share, also when alone; who sends little or as much as the others is not", () => {
  const send = sharesAt({ ms: 0 });
  expect(send("flood", 100)).toBe(false);
  expect(send("flood", 900)).toBe(true);
  expect(send("quiet", 1)).toBe(false);
  const even = sharesAt({ ms: 0 });
  for (let n = 0; n < 10; n += 1) for (const name of ["a", "b", "c", "d"]) even(name, 10);
  // Four of them with 100 each: a share is 80 with room for a fifth, and a hundred events are always fair.
  expect(even("a", 1)).toBe(true);
  expect(sharesAt({ ms: 0 })("a", 100)).toBe(false);
});

test("what is older than 10 s no longer counts", () => {
  const clock = { ms: 0 };
  const send = sharesAt(clock);
  expect(send("a", 500)).toBe(true);
  clock.ms = 9_999;
  expect(send("a", 1)).toBe(true);
  clock.ms = 10_000;
  expect(send("a", 1)).toBe(false);
  clock.ms = 1_000_000;
  expect(send("a", 100)).toBe(false);
});
