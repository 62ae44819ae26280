import type { BenchOptions } from "./options.ts";
import type { PipelineName } from "./pipeline.ts";
import { measurePipeline, type PipelinePlan, type PipelineRun } from "./pipeline-run.ts";
import type { Stack } from "./stack.ts";
import { takeTurns } from "./take-turns.ts";

/** Floor and product in turn, everything on. */
export function takePipelineTurns(
  scenario: string,
  stack: Stack,
  options: BenchOptions,
  plan: PipelinePlan,
): Promise<Record<PipelineName, PipelineRun[]>> {
  return takeTurns(
    scenario,
    options.runs,
    ["floor", "product"],
    (name) => measurePipeline(name, stack, plan, options.productSettings),
    (run) => `${Math.round(run.deliveredPerSecond)}/s delivered, p50 ${run.arrivalP50.toFixed(1)} ms`,
  );
}
