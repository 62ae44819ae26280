import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chooseScenarios } from "./choose-scenarios.ts";

export interface BenchOptions {
  scenarios: string[];
  /** How often floor and product take turns. */
  runs: number;
  connections: number[];
  /** The first in a full run, the second with `--quick`. */
  pick: (full: number, quick: number) => number;
  /** Replace a scenario's own size, where it has one of that kind. */
  seconds: number | undefined;
  events: number | undefined;
  perSecond: number | undefined;
  /** Further settings of the product's processes, for experiments; `--profile` has each write a CPU profile. */
  productSettings: Record<string, string>;
}

const profileFolder = fileURLToPath(new URL("../../.data/bench/profiles", import.meta.url));

/** `--only S1,S2 --runs 3 --connections 50 --seconds 60 --events 100000 --rate 1500 --set NAME=value --quick --profile` */
export function parseOptions(args: string[], scenarios: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: args[0] === "--" ? args.slice(1) : args,
    options: {
      only: { type: "string" },
      runs: { type: "string" },
      connections: { type: "string", default: "10,50,100" },
      seconds: { type: "string" },
      events: { type: "string" },
      rate: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
      quick: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
    },
  });
  const optional = (text: string | undefined, option: string) =>
    text === undefined ? undefined : wholeNumber(text, option);
  return {
    scenarios: chooseScenarios(scenarios, values.only),
    runs: wholeNumber(values.runs ?? (values.quick ? "1" : "3"), "--runs"),
    connections: values.connections.split(",").map((text) => wholeNumber(text, "--connections")),
    pick: (full, quick) => (values.quick ? quick : full),
    seconds: optional(values.seconds, "--seconds"),
    events: optional(values.events, "--events"),
    perSecond: optional(values.rate, "--rate"),
    productSettings: {
      ...(values.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileFolder}` } : {}),
      ...Object.fromEntries(values.set.map(splitSetting)),
    },
  };
}

function splitSetting(text: string): [string, string] {
  const end = text.indexOf("=");
  if (end < 1) throw new Error(`--set takes NAME=value, not ${text}.`);
  return [text.slice(0, end), text.slice(end + 1)];
}

function wholeNumber(text: string, option: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} takes whole numbers from 1.`);
  return number;
}
