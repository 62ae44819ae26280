import type { PipelineRun } from "./pipeline-run.ts";
import type { Column } from "./run-table.ts";

export const pipelineColumns: Column<PipelineRun>[] = [
  { heading: "delivered/s", digits: 0, of: (run) => run.deliveredPerSecond },
  { heading: "backlog growth %", digits: 2, of: (run) => run.backlogGrowth },
  { heading: "202 p50 ms", digits: 1, of: (run) => run.acceptP50 },
  { heading: "202 p99 ms", digits: 1, of: (run) => run.acceptP99 },
  { heading: "arrival p50 ms", digits: 1, of: (run) => run.arrivalP50 },
  { heading: "arrival p99 ms", digits: 1, of: (run) => run.arrivalP99 },
  { heading: "dropped", digits: 0, of: (run) => run.dropped },
  { heading: "duplicates", digits: 0, of: (run) => run.duplicates },
];
