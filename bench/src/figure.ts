import { format, summarize } from "./statistics.ts";

export type Target = { atLeast: number } | { atMost: number };

/** One measured quantity, with one value for each run. */
export interface Figure {
  name: string;
  unit: string;
  digits: number;
  values: readonly number[];
  target?: Target;
}

/** Whether the median meets the target; undefined where there is none. */
export function isMet({ values, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  const { median } = summarize(values);
  return "atLeast" in target ? median >= target.atLeast : median <= target.atMost;
}

export function limitOf(target: Target): number {
  return "atLeast" in target ? target.atLeast : target.atMost;
}

export const figureHeading = ["", "measured", "unit", "target", "met"];

/** One row of the table of verdicts. */
export function figureRow(scenario: string, figure: Figure): string[] {
  const { name, unit, digits, values, target } = figure;
  const wanted = target === undefined ? "" : `${"atLeast" in target ? "≥" : "≤"} ${limitOf(target)}`;
  const met = isMet(figure);
  return [
    `${scenario} ${name}`,
    format(values, digits),
    unit,
    wanted,
    met === undefined ? "" : met ? "yes" : "NO",
  ];
}
