import { parseArgs } from "node:util";

export interface ChaosOptions {
  /** Names of scenarios; undefined means all, or the quick ones. */
  only: string[] | undefined;
  seed: number;
  rate: number;
  isQuick: boolean;
  slack: number;
  runs: number;
}

/** `--only R2,R3 --seed 7 --rate 500 --runs 3 --slack 1 --quick` */
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
    },
  });
  const number = (text: string, option: string) => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`${option} takes numbers above 0.`);
    return value;
  };
  return {
    only: values.only?.split(",").map((name) => name.trim().toUpperCase()),
    seed: number(values.seed ?? String(1 + Math.floor(Math.random() * 999_999)), "--seed"),
    // On a busy machine of two cores the quick run is about what is true, not about how fast.
    rate: number(values.rate ?? (values.quick ? "150" : "500"), "--rate"),
    runs: number(values.runs, "--runs"),
    slack: number(values.slack ?? (values.quick ? "10" : "1"), "--slack"),
    isQuick: values.quick,
  };
}
