import { createTestDatabase } from "@triggers/testing";
import { measureIngest } from "../ingest.ts";
import { ingestColumns } from "../ingest-columns.ts";
import { ratiosOf, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";
import { takeTurns } from "../take-turns.ts";

const few = 1_000;

/** S7, first half: S1 with many events waiting; its twin is the same with few. */
export const measureQueuedGrowth: MeasureScenario = async (stack, options) => {
  const many = Math.ceil((options.events ?? options.pick(500_000, 20_000)) / 1_000) * 1_000;
  const [small, large] = [`${few} queued`, `${many} queued`];
  const plan = { connections: 1, requests: 2_000, warmUpRequests: 500, withDedup: true };
  const database = await createTestDatabase();
  try {
    const runs = await takeTurns(
      "S7-queued",
      options.runs,
      [small, large],
      (name) => {
        const withQueue = { ...plan, queuedBefore: name === small ? few : many };
        return measureIngest("product", stack, database.url, withQueue, options.productSettings);
      },
      (run) => `p95 ${run.p95.toFixed(2)} ms`,
    );
    return {
      title: `growth: S1 with ${many} events queued, worker stopped`,
      rows: runTable(ingestColumns, runs, [large, small]),
      figures: [
        {
          name: `p95 with ${many} / with ${few} queued`,
          unit: "×",
          digits: 2,
          values: ratiosOf(runs[large] ?? [], runs[small] ?? [], (run) => run.p95),
          target: { atMost: 1.3 },
        },
      ],
      raw: { plan, runs },
    };
  } finally {
    await database.drop();
  }
};
