import type { Random } from "./random.ts";
import type { StartSystem } from "./system.ts";

/** What a scenario is given from outside. */
export interface World {
  startSystem: StartSystem;
  seed: number;
  random: Random;
  /** Events a second. */
  rate: number;
  /** Fewer faults, for a run of two minutes; what must be true stays the same. */
  isQuick: boolean;
  /** How much more than its target a time may take before it fails: 1 on a quiet machine. */
  slack: number;
  /** A folder of this scenario's own. */
  folder: string;
  say(line: string): void;
}
