import { parseArgs } from "node:util";

export interface ChaosOptions {
  only: string[];
  seed: number;
  rate: number;
  isQuick: boolean;
  slack: number;
  runs: number;
}

/** `--only R2,R3 --seed 7 --rate 500 --runs 3 --slack 1 --quick` */
export function parseOptions(args: string[], names: readonly string[]): ChaosOptions {
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
  const only = (values.only ?? names.join(",")).split(",").map((text) => {
    const known = names.find((name) => name === text.trim().toUpperCase());
    if (known === undefined) throw new Error(`There is no scenario ${text}; there are ${names.join(", ")}.`);
    return known;
  });
  const number = (text: string, option: string) => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`${option} takes numbers above 0.`);
    return value;
  };
  return {
    only,
    seed: number(values.seed ?? String(1 + Math.floor(Math.random() * 999_999)), "--seed"),
    // On a busy machine of two cores the quick run is about what is true, not about how fast.
    rate: number(values.rate ?? (values.quick ? "150" : "500"), "--rate"),
    runs: number(values.runs, "--runs"),
    slack: number(values.slack ?? (values.quick ? "10" : "1"), "--slack"),
    isQuick: values.quick,
  };
}
