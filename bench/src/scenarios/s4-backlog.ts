import { type DrainRun, measureDrain } from "../drain.ts";
import { type Column, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";
import { takeTurns } from "../take-turns.ts";

const columns: Column<DrainRun>[] = [
  { heading: "events/s", digits: 0, of: (run) => run.perSecond },
  { heading: "commits/event", digits: 4, of: (run) => run.commitsPerEvent },
  { heading: "worker CPU µs", digits: 0, of: (run) => run.workerCpuUs },
  { heading: "Redis CPU µs", digits: 0, of: (run) => run.redisCpuUs },
  { heading: "Postgres CPU µs", digits: 0, of: (run) => run.postgresCpuUs },
];

/** S4: one worker process brings a backlog from Redis to Postgres; no endpoints. */
export const measureBacklog: MeasureScenario = async (stack, options) => {
  const events = options.events ?? options.pick(50_000, 10_000);
  const runs = await takeTurns(
    "S4",
    options.runs,
    ["floor", "product"],
    (name) => measureDrain(name, stack, events, name === "product" ? options.productSettings : {}),
    (run) => `${Math.round(run.perSecond)}/s`,
  );
  return {
    title: `one worker, gateway stopped, no endpoints: ${events} events from Redis to Postgres`,
    rows: runTable(columns, runs, ["product", "floor"]),
    figures: [
      {
        name: "drain",
        unit: "events/s",
        digits: 0,
        values: runs.product.map((run) => run.perSecond),
        target: { atLeast: 8_000 },
      },
      {
        name: "commits",
        unit: "per event",
        digits: 4,
        values: runs.product.map((run) => run.commitsPerEvent),
        target: { atMost: 0.1 },
      },
    ],
    raw: runs,
  };
};
