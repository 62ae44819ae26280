import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Adapter, contractAdapter } from "./adapter.ts";

export interface Contestant {
  name: string;
  url: string;
  adapter: Adapter;
  apiKey: string | undefined;
}

export interface CompareOptions {
  contestants: Contestant[];
  runs: number;
  connections: number;
  sequentialRequests: number;
  concurrentRequests: number;
}

/** `--target name=URL … [--adapter name=file.mjs] [--key name=KEY] [--runs 3] [--connections 50] [--requests 20000]` */
export async function parseCompareOptions(args: string[]): Promise<CompareOptions> {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: "string", multiple: true, default: [] },
      adapter: { type: "string", multiple: true, default: [] },
      key: { type: "string", multiple: true, default: [] },
      runs: { type: "string" },
      connections: { type: "string", default: "50" },
      requests: { type: "string", default: "20000" },
      quick: { type: "boolean", default: false },
    },
  });
  const [adapters, keys] = [toMap(values.adapter), toMap(values.key)];
  const targets = toMap(values.target);
  if (targets.size === 0) throw new Error("compare needs at least one --target name=URL.");
  const contestants = [...targets].map(async ([name, url]) => {
    const file = adapters.get(name);
    return { name, url: url.replace(/\/$/, ""), apiKey: keys.get(name), adapter: await loadAdapter(file) };
  });
  return {
    contestants: await Promise.all(contestants),
    runs: Number(values.runs ?? (values.quick ? "1" : "3")),
    connections: Number(values.connections),
    sequentialRequests: values.quick ? 500 : 2_000,
    concurrentRequests: values.quick ? 4_000 : Number(values.requests),
  };
}

async function loadAdapter(file: string | undefined): Promise<Adapter> {
  if (file === undefined) return contractAdapter;
  return ((await import(pathToFileURL(file).href)) as { default: Adapter }).default;
}

function toMap(pairs: string[]): Map<string, string> {
  return new Map(
    pairs.map((pair) => {
      const end = pair.indexOf("=");
      if (end < 1) throw new Error(`Expected name=value, not ${pair}.`);
      return [pair.slice(0, end), pair.slice(end + 1)];
    }),
  );
}
