import { ingestColumns } from "../ingest-columns.ts";
import { takeIngestTurns } from "../ingest-turns.ts";
import { ratiosOf, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";

/** The floor's p95 up to which the machine counts as quiet enough for an absolute figure, in ms. */
const quietFloorMs = 1.12;

/** S1: requests one after another, each with a dedup id. */
export const measureSequential: MeasureScenario = async (stack, options) => {
  const plan = { connections: 1, requests: 2_000, warmUpRequests: 500, withDedup: true };
  const runs = await takeIngestTurns("S1", stack, options, plan);
  const quiet = runs.product.filter((_, turn) => (runs.floor[turn]?.p95 ?? Infinity) <= quietFloorMs);
  const p95 = quiet.map((run) => run.p95);
  return {
    title: `ingest, worker stopped: one connection, ${plan.requests} requests with dedup_id`,
    rows: runTable(ingestColumns, runs, ["product", "floor"]),
    figures: [
      {
        name: "p95 / floor",
        unit: "×",
        digits: 2,
        values: ratiosOf(runs.product, runs.floor, (run) => run.p95),
        target: { atMost: 1.25 },
      },
      ...(p95.length === 0
        ? []
        : [
            { name: "p95 beside a quiet floor", unit: "ms", digits: 2, values: p95, target: { atMost: 1.4 } },
          ]),
    ],
    raw: { plan, runs },
  };
};
