import { type DrainRun, measureDrain } from "./drain.ts";
import type { BenchOptions } from "./options.ts";
import type { Scenario } from "./report.ts";
import type { Stack } from "./stack.ts";
import { format, summarize } from "./statistics.ts";

const heading = ["", "events/s", "commits/event", "worker CPU µs", "Redis CPU µs", "Postgres CPU µs"];
const columns: [keyof DrainRun, number][] = [
  ["perSecond", 0],
  ["commitsPerEvent", 4],
  ["workerCpuUs", 0],
  ["redisCpuUs", 0],
  ["postgresCpuUs", 0],
];

/** S4: one worker process brings a backlog from Redis to Postgres; no endpoints. */
export async function measureBacklog(stack: Stack, options: BenchOptions): Promise<Scenario> {
  const runs = { floor: [] as DrainRun[], product: [] as DrainRun[] };
  for (let turn = 1; turn <= options.runs; turn++) {
    for (const name of ["floor", "product"] as const) {
      const extra = name === "product" ? options.productSettings : {};
      const run = await measureDrain(name, stack, options.drainEvents, extra);
      runs[name].push(run);
      console.error(`S4 turn ${turn}: ${name}: ${Math.round(run.perSecond)}/s`);
    }
  }
  const row = (name: keyof typeof runs) => [
    name,
    ...columns.map(([key, digits]) =>
      format(
        runs[name].map((run) => run[key]),
        digits,
      ),
    ),
  ];
  const median = (name: keyof typeof runs, key: keyof DrainRun) =>
    summarize(runs[name].map((run) => run[key])).median;
  const ratios = columns.map(([key]) => (median("product", key) / median("floor", key)).toFixed(2));
  return {
    name: "S4",
    title: `one worker, gateway stopped, no endpoints: ${options.drainEvents} events from Redis to Postgres`,
    rows: [heading, row("floor"), row("product"), ["product / floor", ...ratios]],
    raw: runs,
  };
}
