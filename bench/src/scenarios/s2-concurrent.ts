import type { Figure } from "../figure.ts";
import type { IngestRun } from "../ingest.ts";
import { ingestColumns } from "../ingest-columns.ts";
import { takeIngestTurns } from "../ingest-turns.ts";
import { ratiosOf, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";
import type { ServerName } from "../servers.ts";

/** The targets are for this many. */
const measuredConnections = 50;

/** S2: several connections at once. */
export const measureConcurrent: MeasureScenario = async (stack, options) => {
  const requests = options.pick(30_000, 4_000);
  const rows: string[][] = [];
  const figures: Figure[] = [];
  const raw: unknown[] = [];
  for (const connections of options.connections) {
    const plan = { connections, requests, warmUpRequests: Math.ceil(requests / 5), withDedup: false };
    const runs = await takeIngestTurns("S2", stack, options, plan);
    const [heading = [], ...table] = runTable(ingestColumns, runs, ["product", "floor"]);
    if (rows.length === 0) rows.push(heading);
    rows.push(...table.map(([name, ...cells]) => [`${name} × ${connections}`, ...cells]));
    if (connections === measuredConnections) figures.push(...figuresOf(runs));
    raw.push({ plan, runs });
  }
  return { title: `ingest, worker stopped: ${requests} requests without dedup_id`, rows, figures, raw };
};

function figuresOf({ product, floor }: Record<ServerName, IngestRun[]>): Figure[] {
  const at = `at ${measuredConnections} connections`;
  const perSecond = (run: IngestRun) => run.perSecond;
  return [
    {
      name: `${at} / floor`,
      unit: "×",
      digits: 2,
      values: ratiosOf(product, floor, perSecond),
      target: { atLeast: 0.8 },
    },
    {
      name: at,
      unit: "requests/s",
      digits: 0,
      values: product.map(perSecond),
      target: { atLeast: 7_000 },
    },
    {
      name: `${at}, p99`,
      unit: "ms",
      digits: 1,
      values: product.map((run) => run.p99),
      target: { atMost: 25 },
    },
  ];
}
