import { describe, expect, it } from "@jest/globals";
import { formatResults, isGood, type Result } from "./report.ts";
import { mustHold, notRunRow, type Row } from "./scenario.ts";

const scenario = { name: "R0", title: "nothing", target: "all" };
const counts = { acknowledged: 9, persisted: 9, delivered: 8, lost: 1, duplicates: 2 };
const rowWith = (isMet: boolean): Row => ({
  ...counts,
  ...{ longestOutageMs: 1_234, recoveryMs: undefined, checks: [mustHold("it holds", isMet)] },
});
const resultOf = (row: Row): Result => ({ scenario, seed: 1, tookMs: 60_000, row });
const [met, missed, leftOut] = [rowWith(true), rowWith(false), notRunRow("needs root")].map(resultOf) as [
  Result,
  Result,
  Result,
];

describe("isGood", () => {
  it("fails the run for one miss among many", () => {
    expect(isGood([met, met])).toBe(true);
    expect(isGood([met, missed, met])).toBe(false);
  });

  it("does not fail for what was left out, unless that is all", () => {
    expect(isGood([met, leftOut])).toBe(true);
    expect(isGood([leftOut])).toBe(false);
    expect(isGood([])).toBe(false);
  });
});

describe("formatResults", () => {
  it("shows a figure for what was run and a reason for what was not", () => {
    const lines = formatResults([missed, leftOut]).split("\n");
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(/ 9 +\| 9 +\| 8 +\| 1 +\| 2 +\| 1\.2 s +\| – .* NO +\| 60\.0 s/);
    expect(lines[3]).toContain("not run: needs root");
    expect(lines[3]).not.toMatch(/\d \|.* \d s/);
  });
});
