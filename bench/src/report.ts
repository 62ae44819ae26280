import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { drawFigures } from "./chart.ts";
import { figureHeading, figureRow, isMet } from "./figure.ts";
import type { Scenario } from "./scenario.ts";
import { formatTable } from "./table.ts";

const folder = fileURLToPath(new URL("../../.data/bench/", import.meta.url));

/** Prints a scenario's tables and writes everything to `.data/bench/<name>.json`. */
export function reportScenario(
  name: string,
  scenario: Scenario,
  circumstances: Record<string, unknown>,
): void {
  const { title, rows, figures } = scenario;
  const file = write(`${name}.json`, { name, ...scenario, circumstances });
  const verdicts = formatTable([figureHeading, ...figures.map((figure) => figureRow(name, figure))]);
  const ceiling = `load generator: ${String(circumstances["load generator"])}`;
  console.log(`\n${name}  ${title}\n\n${formatTable(rows)}\n\n${verdicts}\n\n${ceiling}\n${file}`);
}

/** Prints all figures beside their targets and writes them to `.data/bench/bench.json` and `bench.svg`. */
export function reportAll(
  results: ReadonlyMap<string, Scenario | Error>,
  circumstances: Record<string, unknown>,
): void {
  const figures = [...results].flatMap(([name, result]) =>
    result instanceof Error
      ? []
      : result.figures.map((figure) => ({ scenario: name, ...figure, met: isMet(figure) })),
  );
  const failures = [...results].flatMap(([name, result]) =>
    result instanceof Error ? [{ scenario: name, error: result.message }] : [],
  );
  const json = write("bench.json", { circumstances, figures, failures });
  const svg = `${folder}bench.svg`;
  writeFileSync(
    svg,
    drawFigures(figures.map(({ scenario, ...figure }) => ({ label: `${scenario} ${figure.name}`, figure }))),
  );
  console.log(
    `\n${formatTable([figureHeading, ...figures.map(({ scenario, ...figure }) => figureRow(scenario, figure))])}`,
  );
  for (const { scenario, error } of failures) console.log(`\n${scenario} FAILED: ${error}`);
  console.log(`\n${json}\n${svg}`);
}

function write(name: string, content: unknown): string {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${name}`;
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
  return file;
}
