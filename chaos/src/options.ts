import { parseArgs } from "node:util";

export interface ChaosOptions {
  /** Names of scenarios; undefined means all, or the quick ones. */
  only: string[] | undefined;
  seed: number;
  rate: number;
  isQuick: boolean;
  slack: number;
  runs: number;
  /** A file for the table (`.md`) or for everything (`.json`). */
  out: string | undefined;
  /** Name of the event system behind the harness. */
  system: string;
}

/** `--only R2,R3 --seed 7 --rate 500 --runs 3 --slack 1 --quick --out table.md --system triggers` */
export function parseOptions(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      seed: { type: "string" },
      rate: { type: "string" },
      runs: { type: "string", default: "1" },
      slack: { type: "string" },
      quick: { type: "boolean", default: false },
      out: { type: "string" },
      system: { type: "string", default: "triggers" },
    },
  });
  const number = (text: string, option: string) => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`${option} takes numbers above 0.`);
    return value;
  };
  if (values.out !== undefined && !/\.(md|json)$/.test(values.out))
    throw new Error("--out takes a file that ends in .md or .json.");
  return {
    only: values.only?.split(",").map((name) => name.trim().toUpperCase()),
    seed: number(values.seed ?? String(1 + Math.floor(Math.random() * 999_999)), "--seed"),
    // On a busy machine of two cores the quick run is about what is true, not about how fast.
    rate: number(values.rate ?? (values.quick ? "150" : "500"), "--rate"),
    runs: number(values.runs, "--runs"),
    slack: number(values.slack ?? (values.quick ? "10" : "1"), "--slack"),
    isQuick: values.quick,
    out: values.out,
    system: values.system,
  };
}
