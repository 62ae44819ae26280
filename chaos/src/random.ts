import { createSeededRandom } from "@triggers/testing";

/** A generator that a seed repeats: the moments of the faults are part of what a run is. */
export interface Random {
  /** At least `from`, less than `to`. */
  between(from: number, to: number): number;
  pick<T>(items: readonly T[]): T;
}

export function createRandom(seed: number): Random {
  const next = createSeededRandom(seed);
  return {
    between: (from, to) => from + next() * (to - from),
    pick(items) {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new Error("There is nothing to pick from.");
      return item;
    },
  };
}
