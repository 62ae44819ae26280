import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatTable } from "../../bench/src/table.ts";
import type { Row, Scenario } from "./scenario.ts";

export interface Result {
  scenario: Scenario;
  seed: number;
  row: Row;
}

const heading = [
  "",
  "fault",
  "acknowledged",
  "persisted",
  "delivered",
  "lost",
  "duplicates",
  "longest outage",
  "recovery",
  "target",
  "met",
];

export function isMet({ row }: Result): boolean {
  return row.checks.every((check) => check.isMet);
}

/** One line per scenario; under it what was not met. */
export function formatResults(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { scenario, row } = result;
    return [
      scenario.name,
      scenario.title,
      ...[row.acknowledged, row.persisted, row.delivered, row.lost, row.duplicates].map(String),
      seconds(row.longestOutageMs),
      row.recoveryMs === undefined ? "–" : seconds(row.recoveryMs),
      scenario.target,
      isMet(result) ? "yes" : "NO",
    ];
  });
  return formatTable([heading, ...rows]);
}

export function formatChecks({ scenario, seed, row }: Result): string {
  return [
    `${scenario.name} (seed ${seed})`,
    ...row.checks.map(({ what, seen, isMet }) => `  ${isMet ? "ok " : "NOT"} ${what}: ${seen}`),
  ].join("\n");
}

export function writeResults(folder: string, results: readonly Result[]): void {
  mkdirSync(folder, { recursive: true });
  const content = results.map(({ scenario, seed, row }) => ({ scenario: scenario.name, seed, ...row }));
  writeFileSync(join(folder, "results.json"), `${JSON.stringify(content, null, 2)}\n`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
