import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeMachine } from "../durability.ts";
import { runTable } from "../run-table.ts";
import { sendLoad } from "../send-load.ts";
import { startBareServer } from "../servers.ts";
import { percentile, summarize } from "../statistics.ts";
import { formatTable } from "../table.ts";
import { takeTurns } from "../take-turns.ts";
import type { Adapter } from "./adapter.ts";
import { type CompareOptions, type Contestant, parseCompareOptions } from "./compare-options.ts";
import { drawRanking } from "./ranking-chart.ts";

interface CompareRun {
  /** Accepted requests per second over several connections. */
  perSecond: number;
  p50: number;
  p99: number;
  /** Of requests one after another. */
  sequentialP95: number;
  /** In %. */
  refused: number;
}

const folder = fileURLToPath(new URL("../../../.data/bench/", import.meta.url));
const bareName = "(bare 202: the load generator's ceiling)";

/** Ranks running servers by how many events they accept; prints a table, writes `compare.json` and `compare.svg`. */
export async function compareServers(args: string[]): Promise<void> {
  const options = await parseCompareOptions(args);
  const bare = await startBareServer();
  const bareAdapter: Adapter = {
    prepare: () => Promise.resolve(bare.target),
    bodyOf: () => '{"type":"a","payload":{}}',
  };
  const contestants: Contestant[] = [
    ...options.contestants,
    { name: bareName, url: bare.process.url, adapter: bareAdapter, apiKey: undefined },
  ];
  const prepared = new Map<string, Awaited<ReturnType<typeof prepare>>>();
  for (const contestant of contestants) prepared.set(contestant.name, await prepare(contestant));
  const runs: Record<string, CompareRun[]> = await takeTurns(
    "compare",
    options.runs,
    [...prepared.keys()],
    (name) => measure(prepared.get(name), options),
    (run) => `${Math.round(run.perSecond)}/s`,
  );
  await bare.process.stop();
  const rate = (name: string) => summarize((runs[name] ?? []).map((run) => run.perSecond)).median;
  const ranked = Object.keys(runs).sort((a, b) => rate(b) - rate(a));
  report(Object.fromEntries(ranked.map((name) => [name, runs[name] ?? []])), options);
}

async function prepare({ url, adapter, apiKey }: Contestant) {
  return { adapter, target: { url, ...(await adapter.prepare(url, apiKey)) } };
}

async function measure(
  contestant: Awaited<ReturnType<typeof prepare>> | undefined,
  options: CompareOptions,
): Promise<CompareRun> {
  if (contestant === undefined) throw new Error("It was not prepared.");
  const { adapter, target } = contestant;
  const run = randomUUID();
  let refused = 0;
  const send = (phase: string, connections: number, requests: number) =>
    sendLoad({
      ...{ target, connections, requests, accepts: adapter.accepts ?? [202] },
      bodyOf: (request) => adapter.bodyOf(`${run}-${phase}-${request}`),
      onRefused: () => (refused += 1),
    });
  await send("warm-up", 1, 200);
  const sequential = await send("sequential", 1, options.sequentialRequests);
  await send("warm-up-2", options.connections, 1_000);
  refused = 0;
  const { elapsedMs, latenciesMs } = await send(
    "concurrent",
    options.connections,
    options.concurrentRequests,
  );
  return {
    perSecond: (options.concurrentRequests - refused) / (elapsedMs / 1_000),
    p50: percentile(latenciesMs, 0.5),
    p99: percentile(latenciesMs, 0.99),
    sequentialP95: percentile(sequential.latenciesMs, 0.95),
    refused: (100 * refused) / options.concurrentRequests,
  };
}

function report(runs: Record<string, CompareRun[]>, options: CompareOptions): void {
  const { contestants, ...plan } = options;
  const rows = runTable<CompareRun>(
    [
      { heading: `accepted/s × ${plan.connections}`, digits: 0, of: (run) => run.perSecond },
      { heading: "p50 ms", digits: 2, of: (run) => run.p50 },
      { heading: "p99 ms", digits: 2, of: (run) => run.p99 },
      { heading: "p95 ms × 1", digits: 2, of: (run) => run.sequentialP95 },
      { heading: "refused %", digits: 1, of: (run) => run.refused },
    ],
    runs,
  );
  mkdirSync(folder, { recursive: true });
  const targets = contestants.map(({ name, url }) => ({ name, url }));
  const json = { machine: describeMachine(), plan, targets, runs };
  writeFileSync(`${folder}compare.json`, `${JSON.stringify(json, undefined, 2)}\n`);
  const bars = Object.entries(runs).map(([name, ofName]) => ({
    name,
    values: ofName.map((run) => run.perSecond),
  }));
  writeFileSync(`${folder}compare.svg`, drawRanking(bars, `accepted/s at ${plan.connections} connections`));
  console.log(`\n${formatTable(rows)}\n\n${folder}compare.json\n${folder}compare.svg`);
}
