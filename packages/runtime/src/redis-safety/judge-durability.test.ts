import { expect, test } from "@jest/globals";
import { judgeDurability } from "./judge-durability.ts";
import type { RedisReading } from "./redis-reading.ts";

const safe: RedisReading = {
  appendOnly: "yes",
  appendFsync: "always",
  noFsyncOnRewrite: "no",
  evictionPolicy: "noeviction",
  isLastWriteOk: true,
  replicas: 0,
  timeMs: 0,
};

test("a Redis that writes everything to disk before it answers and evicts nothing is safe", () => {
  expect(judgeDurability("strict", safe)).toEqual({ faults: [], warnings: [] });
});

test.each<[Partial<RedisReading>, string]>([
  [{ appendOnly: "no", appendFsync: "no" }, "appendonly no"],
  [{ appendFsync: "everysec" }, "appendfsync everysec"],
  [{ appendFsync: "no" }, "appendfsync no"],
  [{ noFsyncOnRewrite: "yes" }, "no-appendfsync-on-rewrite yes"],
  [{ evictionPolicy: "allkeys-lru" }, "maxmemory-policy allkeys-lru"],
  [{ isLastWriteOk: false }, "could not write"],
])("%j is one fault, and it is named", (change, words) => {
  for (const wanted of ["strict", "replicated"] as const) {
    const { faults } = judgeDurability(wanted, { ...safe, replicas: 1, ...change });
    expect(faults).toEqual([expect.stringContaining(words)]);
  }
});

test("a replica is needed only where it was asked for", () => {
  expect(judgeDurability("replicated", safe).faults).toEqual([expect.stringContaining("no replica")]);
  expect(judgeDurability("replicated", { ...safe, replicas: 1 }).faults).toEqual([]);
});

test("what a managed Redis does not tell is a warning, not a fault", () => {
  const unknown = { appendFsync: undefined, noFsyncOnRewrite: undefined, evictionPolicy: undefined };
  const { faults, warnings } = judgeDurability("strict", { ...safe, ...unknown });
  expect(faults).toEqual([]);
  expect(warnings).toEqual([
    expect.stringContaining("does not tell its appendfsync"),
    expect.stringContaining("does not tell its maxmemory-policy"),
  ]);
});

test("relaxed finds no fault in any Redis, and says so", () => {
  const { faults, warnings } = judgeDurability("relaxed", {
    ...safe,
    appendOnly: "no",
    isLastWriteOk: false,
  });
  expect(faults).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining("DURABILITY=relaxed")]);
});
