import { setTimeout as pause } from "node:timers/promises";
import { waitUntilDrained } from "../backlog.ts";
import { type PipelineName, startPipeline } from "../pipeline.ts";
import { type Column, runTable } from "../run-table.ts";
import { eventBody } from "../sample-event.ts";
import type { MeasureScenario } from "../scenario.ts";
import { sendLoad } from "../send-load.ts";
import { type OpenLoad, sendOpenLoop } from "../send-open-loop.ts";
import { startIngestServer } from "../servers.ts";
import type { Stack } from "../stack.ts";
import { percentile } from "../statistics.ts";
import { takeTurns } from "../take-turns.ts";
import { verifyPersisted } from "../verify-persisted.ts";

interface OpenRun {
  p50: number;
  p99: number;
  p999: number;
  max: number;
  dropped: number;
}

const columns: Column<OpenRun>[] = [
  { heading: "p50 ms", digits: 2, of: (run) => run.p50 },
  { heading: "p99 ms", digits: 2, of: (run) => run.p99 },
  { heading: "p99.9 ms", digits: 2, of: (run) => run.p999 },
  { heading: "max ms", digits: 1, of: (run) => run.max },
  { heading: "dropped", digits: 0, of: (run) => run.dropped },
];

type Plan = Pick<OpenLoad, "perSecond" | "seconds">;

/**
 * S2o: a constant rate with the worker running, an AOF rewrite and a checkpoint inside. The target speaks of five minutes:
 * `--seconds 300`. Bare and floor take less time.
 */
export const measureOpenLoop: MeasureScenario = async (stack, options) => {
  const perSecond = options.perSecond ?? 3_000;
  const seconds = options.seconds ?? options.pick(180, 6);
  const twins = { perSecond, seconds: Math.min(seconds, 30) };
  const runs = await takeTurns(
    "S2o",
    options.runs,
    ["bare", "floor", "product"],
    (name) =>
      name === "bare"
        ? measureBare(stack, twins)
        : measure(name, stack, name === "floor" ? twins : { perSecond, seconds }, options.productSettings),
    (run) => `p99 ${run.p99.toFixed(1)} ms`,
  );
  const figure = (name: string, unit: string, of: (run: OpenRun) => number, atMost: number) => {
    return { name, unit, digits: 1, values: runs.product.map(of), target: { atMost } };
  };
  return {
    title: `ingest at ${perSecond}/s for ${seconds} s (twins ${twins.seconds} s), gateway and one worker, rewrite and checkpoint inside`,
    rows: runTable(columns, runs, ["product", "floor"]),
    figures: [
      figure("p99", "ms", (run) => run.p99, 15),
      figure("p99.9", "ms", (run) => run.p999, 75),
      figure("dropped", "requests", (run) => run.dropped, 0),
    ],
    raw: { perSecond, seconds, runs },
  };
};

async function measure(
  name: PipelineName,
  stack: Stack,
  plan: Plan,
  productSettings: Record<string, string>,
): Promise<OpenRun> {
  const pipeline = await startPipeline(name, stack, undefined, productSettings);
  try {
    const { target, prefix } = pipeline;
    const warmUp = { target, connections: 20, requests: 2_000, bodyOf: eventBody };
    await sendLoad(warmUp);
    const [sent] = await Promise.all([
      sendOpenLoop({ target, ...plan, connections: 256, bodyOf: eventBody }),
      disturb(stack, plan.seconds),
    ]);
    await waitUntilDrained(stack, prefix, 120_000 + plan.seconds * 1_000);
    await verifyPersisted(name, stack, pipeline.database.url, warmUp.requests + sent.accepted);
    return toRun(sent);
  } finally {
    await pipeline.stop();
  }
}

async function measureBare(stack: Stack, plan: Plan): Promise<OpenRun> {
  const { process: server, target } = await startIngestServer("bare", stack, stack.databaseUrl);
  try {
    return toRun(await sendOpenLoop({ target, ...plan, connections: 256, bodyOf: eventBody }));
  } finally {
    await server.stop();
  }
}

/** What happens to servers that live long: Redis rewrites its file, Postgres writes everything out. */
async function disturb(stack: Stack, seconds: number): Promise<void> {
  await pause((seconds * 1_000) / 3);
  await stack.redis.bgrewriteaof();
  await pause((seconds * 1_000) / 3);
  await stack.query("CHECKPOINT");
}

function toRun({ latenciesMs, dropped }: { latenciesMs: Float64Array; dropped: number }): OpenRun {
  const sorted = latenciesMs.sort();
  return {
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    max: percentile(sorted, 1),
    dropped,
  };
}
