import type { Figure } from "./figure.ts";
import type { BenchOptions } from "./options.ts";
import type { Stack } from "./stack.ts";

export interface Scenario {
  title: string;
  /** The table; its first row is the heading. */
  rows: string[][];
  /** What is held against targets. */
  figures: Figure[];
  /** Every single run. */
  raw: unknown;
}

/** Throws when what was accepted, persisted and delivered differ. */
export type MeasureScenario = (stack: Stack, options: BenchOptions) => Promise<Scenario>;
