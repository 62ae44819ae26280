import { pipelineColumns } from "../pipeline-columns.ts";
import { takePipelineTurns } from "../pipeline-turns.ts";
import { ratiosOf, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";

/** S6: from the POST to its arrival at the endpoint. */
export const measureLatency: MeasureScenario = async (stack, options) => {
  const plan = { perSecond: options.perSecond ?? 100, seconds: options.seconds ?? options.pick(45, 5) };
  const runs = await takePipelineTurns("S6", stack, options, plan);
  return {
    title: `POST to arrival at ${plan.perSecond} events/s for ${plan.seconds} s; gateway, one worker`,
    rows: runTable(pipelineColumns, runs, ["product", "floor"]),
    figures: [
      {
        name: "arrival p50",
        unit: "ms",
        digits: 1,
        values: runs.product.map((run) => run.arrivalP50),
        target: { atMost: 10 },
      },
      {
        name: "arrival p99",
        unit: "ms",
        digits: 1,
        values: runs.product.map((run) => run.arrivalP99),
        target: { atMost: 60 },
      },
      {
        name: "arrival p50 / floor",
        unit: "×",
        digits: 2,
        values: ratiosOf(runs.product, runs.floor, (run) => run.arrivalP50),
      },
    ],
    raw: { plan, runs },
  };
};
