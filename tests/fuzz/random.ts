import { createSeededRandom } from "@triggers/testing";

export interface Random {
  /** 0 up to `below`, a whole number. */
  int(below: number): number;
  pick<T>(values: readonly T[]): T;
  /** True once in so many times. */
  oneIn(times: number): boolean;
}

export function createRandom(seed: number): Random {
  const next = createSeededRandom(seed);
  const int = (below: number) => Math.floor(next() * below);
  return {
    int,
    pick: <T>(values: readonly T[]) => values[int(values.length)] as T,
    oneIn: (times) => int(times) === 0,
  };
}
