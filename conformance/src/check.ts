import type { World } from "./world.ts";

export interface Check {
  /** The sentence of the contract that it proves. */
  name: string;
  /** Throws a `Mismatch` where the server differs, `NotApplicable` where this server cannot be asked. */
  run(world: World): Promise<void>;
}

/** A section of the contract: its number, and the name by which `--only` finds it too. */
export interface Section {
  number: number;
  name: string;
  checks: Check[];
}

export function check(name: string, run: Check["run"]): Check {
  return { name, run };
}
