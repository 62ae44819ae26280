import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

export type ScenarioName = "S1" | "S2" | "S4" | "R5" | "R7" | "R8" | "R9";

export interface BenchOptions {
  scenarios: ScenarioName[];
  /** How often floor and product take turns. */
  runs: number;
  sequentialRequests: number;
  concurrentRequests: number;
  connections: number[];
  drainEvents: number;
  /** How long a constant load lasts. */
  latencySeconds: number;
  /** Further settings of the product's processes; `--profile` has each write a CPU profile. */
  productSettings: Record<string, string>;
}

const profileFolder = fileURLToPath(new URL("../../.data/bench/profiles", import.meta.url));
const all: ScenarioName[] = ["S1", "S2", "S4", "R5", "R7", "R8", "R9"];
/** The others take minutes each and are asked for by name. */
const usual: ScenarioName[] = ["S1", "S2", "S4"];

/** `--only S1,S2 --runs 3 --connections 50 --quick --profile` */
export function parseOptions(args: string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", default: usual.join(",") },
      runs: { type: "string" },
      connections: { type: "string", default: "10,50,100" },
      quick: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
    },
  });
  const scenarios = values.only.split(",").map((name) => {
    const known = all.find((scenario) => scenario === name.trim().toUpperCase());
    if (known === undefined) throw new Error(`There is no scenario ${name}; there are ${all.join(", ")}.`);
    return known;
  });
  const size = values.quick ? { concurrent: 4_000, drain: 10_000 } : { concurrent: 30_000, drain: 50_000 };
  return {
    scenarios,
    runs: wholeNumber(values.runs ?? (values.quick ? "1" : "3"), "--runs"),
    sequentialRequests: 2_000,
    concurrentRequests: size.concurrent,
    connections: values.connections.split(",").map((text) => wholeNumber(text, "--connections")),
    drainEvents: size.drain,
    latencySeconds: values.quick ? 5 : 30,
    productSettings: values.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileFolder}` } : {},
  };
}

function wholeNumber(text: string, option: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} takes whole numbers from 1.`);
  return number;
}
