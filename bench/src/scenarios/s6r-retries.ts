import { type CrowdRun, measureCrowd } from "../crowd-run.ts";
import { type Column, ratiosOf, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";
import { takeTurns } from "../take-turns.ts";

const subscribers = 1_000;

const columns: Column<CrowdRun>[] = [
  { heading: "202 p99 ms", digits: 1, of: (run) => run.acceptP99 },
  { heading: "healthy p50 ms", digits: 1, of: (run) => run.healthyP50 },
  { heading: "p95 ms", digits: 1, of: (run) => run.healthyP95 },
  { heading: "p99 ms", digits: 1, of: (run) => run.healthyP99 },
  { heading: "dropped", digits: 0, of: (run) => run.dropped },
  { heading: "duplicates", digits: 0, of: (run) => run.duplicates },
  { heading: "500s", digits: 0, of: (run) => run.failures },
  { heading: "timeouts", digits: 0, of: (run) => run.timeouts },
  { heading: "gateway CPU ms/event", digits: 2, of: (run) => run.cpu.gateway },
  { heading: "worker", digits: 2, of: (run) => run.cpu.worker },
  { heading: "Redis", digits: 2, of: (run) => run.cpu.redis },
  { heading: "Postgres", digits: 2, of: (run) => run.cpu.postgres },
];

/** S6r: POST to arrival at healthy endpoints of many subscribers, while some endpoints fail and some hang. */
export const measureAmongRetries: MeasureScenario = async (stack, options) => {
  const plan = { perSecond: options.perSecond ?? 300, seconds: options.seconds ?? options.pick(45, 5) };
  const runs = await takeTurns(
    "S6r",
    options.runs,
    ["all healthy", "5 % fail, 2 % hang"],
    (name) => {
      const crowd = { subscribers, isMixed: name !== "all healthy" };
      return measureCrowd(stack, crowd, plan, options.productSettings);
    },
    (run) => `p50 ${run.healthyP50.toFixed(1)} ms, p99 ${run.healthyP99.toFixed(1)} ms`,
  );
  const [healthy, mixed] = [runs["all healthy"], runs["5 % fail, 2 % hang"]];
  return {
    title: `POST to arrival at ${plan.perSecond} events/s for ${plan.seconds} s over ${subscribers} subscribers with 3 endpoints each; gateway, one worker`,
    rows: runTable(columns, runs, ["5 % fail, 2 % hang", "all healthy"]),
    figures: [
      {
        name: "arrival at healthy endpoints, p99",
        unit: "ms",
        digits: 1,
        values: mixed.map((run) => run.healthyP99),
        target: { atMost: 250 },
      },
      {
        name: "the same / where all are healthy",
        unit: "×",
        digits: 2,
        values: ratiosOf(mixed, healthy, (run) => run.healthyP99),
      },
    ],
    raw: { plan, subscribers, runs },
  };
};
