import type { IngestRun } from "./ingest.ts";
import type { Column } from "./run-table.ts";

export const ingestColumns: Column<IngestRun>[] = [
  { heading: "requests/s", digits: 0, of: (run) => run.perSecond },
  { heading: "p50 ms", digits: 2, of: (run) => run.p50 },
  { heading: "p95 ms", digits: 2, of: (run) => run.p95 },
  { heading: "p99 ms", digits: 2, of: (run) => run.p99 },
  { heading: "server CPU µs", digits: 0, of: (run) => run.serverCpuUs },
  { heading: "Redis CPU µs", digits: 0, of: (run) => run.redisCpuUs },
];
