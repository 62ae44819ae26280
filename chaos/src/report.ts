import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { formatTable } from "../../bench/src/table.ts";
import type { Row, Scenario } from "./scenario.ts";

export interface Result {
  scenario: Pick<Scenario, "name" | "title" | "target">;
  seed: number;
  tookMs: number;
  row: Row;
}

const heading = [
  ...["", "fault", "seed", "acknowledged", "persisted", "delivered", "lost", "duplicates"],
  ...["longest outage", "recovery", "measured", "target", "met", "took"],
];

/** Nothing that was asked of it failed; what was not run is neither met nor missed. */
export function isMet({ row }: Result): boolean {
  return row.notRun === undefined && row.checks.every((check) => check.isMet);
}

/** Whether the run as a whole has shown what it was asked to show: something was run, and nothing missed its target. */
export function isGood(results: readonly Result[]): boolean {
  const run = results.filter(({ row }) => row.notRun === undefined);
  return run.length > 0 && run.every(isMet);
}

/** One line per scenario and run. */
export function formatResults(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const { scenario, seed, row, tookMs } = result;
    const isLeftOut = row.notRun !== undefined;
    const counts = [row.acknowledged, row.persisted, row.delivered, row.lost, row.duplicates];
    const figures = [
      ...counts.map(String),
      seconds(row.longestOutageMs),
      row.recoveryMs === undefined ? "–" : seconds(row.recoveryMs),
      row.measured ?? "–",
    ];
    return [
      ...[scenario.name, scenario.title, String(seed)],
      ...(isLeftOut ? figures.map(() => "–") : figures),
      scenario.target,
      isLeftOut ? `not run: ${row.notRun}` : isMet(result) ? "yes" : "NO",
      isLeftOut ? "–" : seconds(tookMs),
    ];
  });
  return formatTable([heading, ...rows]);
}

export function formatChecks({ scenario, seed, row }: Result): string {
  return [
    `${scenario.name} (seed ${seed})${row.notRun === undefined ? "" : ` was not run: ${row.notRun}`}`,
    ...row.checks.map(({ what, seen, isMet }) => `  ${isMet ? "ok " : "NOT"} ${what}: ${seen}`),
  ].join("\n");
}

/** The table below the command that made it where the file's name ends in `.md`; else everything, as JSON. */
export function writeResults(file: string, command: string, results: readonly Result[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const content = results.map(({ scenario, seed, tookMs, row }) => ({
    ...{ scenario: scenario.name, title: scenario.title, target: scenario.target, seed, tookMs },
    ...row,
  }));
  const text = file.endsWith(".md")
    ? `\`${command}\`\n\n${formatResults(results)}`
    : JSON.stringify({ command, results: content }, null, 2);
  writeFileSync(file, `${text}\n`);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
