import { openConnection } from "../http-connection.ts";
import { type Column, ratiosOf, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";
import { percentile } from "../statistics.ts";
import { type StoredEvents, storeEvents } from "../stored-events.ts";
import { takeTurns } from "../take-turns.ts";

interface PageRun {
  p50: number;
  p95: number;
}

const few = 1_000;
const requests = 200;

const columns: Column<PageRun>[] = [
  { heading: "p50 ms", digits: 2, of: (run) => run.p50 },
  { heading: "p95 ms", digits: 2, of: (run) => run.p95 },
];

/** S7, second half: pages of the inbox with many events stored; their twins are the same with few. */
export const measureStoredGrowth: MeasureScenario = async (stack, options) => {
  const many = Math.ceil((options.events ?? options.pick(1_000_000, 20_000)) / 1_000) * 1_000;
  const systems: [number, StoredEvents][] = [];
  try {
    for (const events of [many, few])
      systems.push([events, await storeEvents(stack, events, options.productSettings)]);
    const places = new Map(
      (["first", "deep"] as const).flatMap((page) =>
        systems.map(([events, system]) => [`${page} page of ${events}`, { system, page }] as const),
      ),
    );
    const runs: Record<string, PageRun[]> = await takeTurns(
      "S7-stored",
      Math.max(3, options.runs),
      [...places.keys()],
      (name) => {
        const place = places.get(name);
        if (place === undefined) throw new Error(name);
        return readPages(place.system, place.page);
      },
      (run) => `p50 ${run.p50.toFixed(2)} ms`,
    );
    return {
      title: `growth: a page of 100 of the inbox, ${requests} times, with ${many} events stored; gateway, worker stopped`,
      rows: runTable(columns, runs),
      figures: ["first", "deep"].map((page) => ({
        name: `${page} page of ${many} / of ${few}, p50`,
        unit: "×",
        digits: 2,
        values: ratiosOf(
          runs[`${page} page of ${many}`] ?? [],
          runs[`${page} page of ${few}`] ?? [],
          (run) => run.p50,
        ),
        target: { atMost: 1.3 },
      })),
      raw: { many, few, runs },
    };
  } finally {
    for (const [, { pipeline }] of systems) await pipeline.stop();
  }
};

async function readPages({ pipeline, pages }: StoredEvents, page: "first" | "deep"): Promise<PageRun> {
  const connection = await openConnection(pipeline.target);
  const latenciesMs = new Float64Array(requests);
  for (let i = -20; i < requests; i++) {
    const askedAt = performance.now();
    const status = await connection.get(pages[page]);
    if (status !== 200) throw new Error(`The inbox answers ${status}.`);
    if (i >= 0) latenciesMs[i] = performance.now() - askedAt;
  }
  connection.close();
  const sorted = latenciesMs.sort();
  return { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95) };
}
