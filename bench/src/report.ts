import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { formatTable } from "./table.ts";

export interface Scenario {
  name: string;
  title: string;
  /** The table; its first row is the heading. */
  rows: string[][];
  /** Every single run. */
  raw: unknown;
}

const folder = fileURLToPath(new URL("../../.data/bench/", import.meta.url));

/** Prints the table and writes everything to `.data/bench/<name>.json`. */
export function report(scenario: Scenario, circumstances: Record<string, unknown>): void {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${scenario.name}.json`;
  writeFileSync(file, `${JSON.stringify({ ...scenario, circumstances }, undefined, 2)}\n`);
  console.log(`\n${scenario.name}  ${scenario.title}\n\n${formatTable(scenario.rows)}\n\n${file}`);
}
