import { createTestDatabase } from "@triggers/testing";
import { type IngestPlan, type IngestRun, measureIngest } from "./ingest.ts";
import type { BenchOptions } from "./options.ts";
import type { Scenario } from "./report.ts";
import type { ServerName } from "./servers.ts";
import type { Stack } from "./stack.ts";
import { format, summarize } from "./statistics.ts";

/** Taking turns, so that a change of the machine's mood meets them all. */
const servers: ServerName[] = ["bare", "floor", "product"];

const heading = ["", "requests/s", "p50 ms", "p95 ms", "p99 ms", "server CPU µs", "Redis CPU µs"];

/** S1: requests one after another, each with a dedup id. */
export function measureSequential(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const plan = { connections: 1, requests: options.sequentialRequests, warmUpRequests: 500, withDedup: true };
  return measure("S1", `one connection, ${plan.requests} requests with dedup_id`, stack, options, [plan]);
}

/** S2: several connections at once. */
export function measureConcurrent(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const requests = options.concurrentRequests;
  const plans = options.connections.map((connections) => {
    return { connections, requests, warmUpRequests: Math.ceil(requests / 5), withDedup: false };
  });
  return measure("S2", `${requests} requests without dedup_id`, stack, options, plans);
}

async function measure(
  name: string,
  load: string,
  stack: Stack,
  options: BenchOptions,
  plans: IngestPlan[],
): Promise<Scenario> {
  const database = await createTestDatabase();
  const results = plans.map((plan) => ({ plan, runs: new Map<ServerName, IngestRun[]>() }));
  try {
    for (let turn = 1; turn <= options.runs; turn++) {
      for (const { plan, runs } of results) {
        for (const server of servers) {
          const extra = server === "product" ? options.productSettings : {};
          const run = await measureIngest(server, stack, database.url, plan, extra);
          runs.set(server, [...(runs.get(server) ?? []), run]);
          console.error(
            `${name} turn ${turn}: ${server} × ${plan.connections}: ${Math.round(run.perSecond)}/s`,
          );
        }
      }
    }
  } finally {
    await database.drop();
  }
  const rows = results.flatMap(({ plan, runs }) => [
    ...servers.map((server) => toRow(`${server} × ${plan.connections}`, runs.get(server) ?? [])),
    ratioRow(`product / floor × ${plan.connections}`, runs.get("product") ?? [], runs.get("floor") ?? []),
  ]);
  return {
    name,
    title: `ingest, worker stopped: ${load}`,
    rows: [heading, ...rows],
    raw: results.map(({ plan, runs }) => ({ plan, runs: Object.fromEntries(runs) })),
  };
}

const columns: [keyof IngestRun, number][] = [
  ["perSecond", 0],
  ["p50", 2],
  ["p95", 2],
  ["p99", 2],
  ["serverCpuUs", 0],
  ["redisCpuUs", 0],
];

function toRow(title: string, runs: IngestRun[]): string[] {
  return [
    title,
    ...columns.map(([key, digits]) =>
      format(
        runs.map((run) => run[key]),
        digits,
      ),
    ),
  ];
}

function ratioRow(title: string, product: IngestRun[], floor: IngestRun[]): string[] {
  const median = (runs: IngestRun[], key: keyof IngestRun) => summarize(runs.map((run) => run[key])).median;
  return [title, ...columns.map(([key]) => (median(product, key) / median(floor, key)).toFixed(2))];
}
