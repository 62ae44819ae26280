import { ingestColumns } from "../ingest-columns.ts";
import { takeIngestTurns } from "../ingest-turns.ts";
import { ratiosOf, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";

const size = 100;

/** S3: batches of 100 events. The floor is one `addBulk` per request. */
export const measureBatches: MeasureScenario = async (stack, options) => {
  const requests = Math.ceil((options.events ?? options.pick(100_000, 10_000)) / size);
  const plan = {
    connections: 4,
    requests,
    warmUpRequests: Math.ceil(requests / 5),
    withDedup: false,
    batchSize: size,
  };
  const runs = await takeIngestTurns("S3", stack, options, plan);
  const eventsPerSecond = {
    heading: "events/s",
    digits: 0,
    of: (run: { perSecond: number }) => run.perSecond * size,
  };
  return {
    title: `batch ingest, worker stopped: ${requests} requests of ${size} events, ${plan.connections} connections`,
    rows: runTable([eventsPerSecond, ...ingestColumns], runs, ["product", "floor"]),
    figures: [
      {
        name: "batches",
        unit: "events/s",
        digits: 0,
        values: runs.product.map(eventsPerSecond.of),
        target: { atLeast: 20_000 },
      },
      {
        name: "batches / floor",
        unit: "×",
        digits: 2,
        values: ratiosOf(runs.product, runs.floor, eventsPerSecond.of),
      },
    ],
    raw: { plan, runs },
  };
};
