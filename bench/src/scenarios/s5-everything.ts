import { pipelineColumns } from "../pipeline-columns.ts";
import { takePipelineTurns } from "../pipeline-turns.ts";
import { runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";

/** A little above the target, since what is on its way when the time is over does not count as delivered. */
const defaultPerSecond = 1_550;

/** S5: accepted, persisted, delivered to one fast endpoint and the attempt recorded, all at once. */
export const measureEverything: MeasureScenario = async (stack, options) => {
  const plan = {
    perSecond: options.perSecond ?? defaultPerSecond,
    seconds: options.seconds ?? options.pick(60, 5),
  };
  const runs = await takePipelineTurns("S5", stack, options, plan);
  return {
    title: `everything at once: ${plan.perSecond} events/s for ${plan.seconds} s to one endpoint; gateway, one worker`,
    rows: runTable(pipelineColumns, runs, ["product", "floor"]),
    figures: [
      {
        name: "delivered",
        unit: "events/s",
        digits: 0,
        values: runs.product.map((run) => run.deliveredPerSecond),
        target: { atLeast: 1_500 },
      },
      {
        name: "growth of the backlog",
        unit: "% of the load",
        digits: 2,
        values: runs.product.map((run) => run.backlogGrowth),
        target: { atMost: 1 },
      },
    ],
    raw: { plan, runs },
  };
};
