/** Nearest rank; `share` from 0 to 1. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

export interface Summary {
  median: number;
  min: number;
  max: number;
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle) - 1] ?? NaN)) / 2;
  return { median, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** `1.23 (1.10..1.50)`: the median and what lay around it. */
export function format(values: readonly number[], digits: number): string {
  const { median, min, max } = summarize(values);
  const text = (value: number) => value.toFixed(digits);
  return values.length < 2 ? text(median) : `${text(median)} (${text(min)}..${text(max)})`;
}
