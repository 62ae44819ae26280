import type { PipelineRun } from "../pipeline-run.ts";
import { takePipelineTurns } from "../pipeline-turns.ts";
import { type Column, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";

const total = ({ cpu }: PipelineRun) => cpu.gateway + cpu.redis + cpu.worker + cpu.postgres;

const columns: Column<PipelineRun>[] = [
  { heading: "gateway", digits: 3, of: ({ cpu }) => cpu.gateway },
  { heading: "Redis", digits: 3, of: ({ cpu }) => cpu.redis },
  { heading: "worker", digits: 3, of: ({ cpu }) => cpu.worker },
  { heading: "Postgres", digits: 3, of: ({ cpu }) => cpu.postgres },
  { heading: "in all", digits: 3, of: total },
];

/** S10: CPU seconds per 1 000 events, by process. */
export const measureCpu: MeasureScenario = async (stack, options) => {
  const plan = { perSecond: options.perSecond ?? 1_000, seconds: options.seconds ?? options.pick(20, 5) };
  const runs = await takePipelineTurns("S10", stack, options, plan);
  return {
    title: `CPU seconds per 1 000 events, accepted to delivered, at ${plan.perSecond} events/s for ${plan.seconds} s`,
    rows: runTable(columns, runs, ["product", "floor"]),
    figures: [
      {
        name: "CPU in all",
        unit: "s per 1 000 events",
        digits: 2,
        values: runs.product.map(total),
        target: { atMost: 1.2 },
      },
    ],
    raw: { plan, runs },
  };
};
