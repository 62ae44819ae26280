import { format, summarize } from "./statistics.ts";

export interface Column<Run> {
  heading: string;
  digits: number;
  of: (run: Run) => number;
}

/** One row for each variant, and one for the ratio of two of them, turn by turn. */
export function runTable<Run>(
  columns: readonly Column<Run>[],
  runs: Readonly<Record<string, readonly Run[]>>,
  ratio?: readonly [string, string],
): string[][] {
  const rows = Object.entries(runs).map(([name, ofName]) => [
    name,
    ...columns.map(({ of, digits }) => format(ofName.map(of), digits)),
  ]);
  const heading = ["", ...columns.map((column) => column.heading)];
  if (ratio === undefined) return [heading, ...rows];
  const [above, below] = ratio;
  const ratios = columns.map(({ of }) => {
    const { median } = summarize(ratiosOf(runs[above] ?? [], runs[below] ?? [], of));
    return Number.isFinite(median) ? median.toFixed(2) : "";
  });
  return [heading, ...rows, [`${above} / ${below}`, ...ratios]];
}

/** Of the runs that were taken in the same turn: so a change of the machine's mood meets both. */
export function ratiosOf<Run>(
  above: readonly Run[],
  below: readonly Run[],
  of: (run: Run) => number,
): number[] {
  return above.flatMap((run, turn) => {
    const twin = below[turn];
    return twin === undefined ? [] : [of(run) / of(twin)];
  });
}
