import { type GrowthPoint, type GrowthRun, measureGrowthPoint } from "../growth-run.ts";
import type { BenchOptions } from "../options.ts";
import { type Column, runTable } from "../run-table.ts";
import type { MeasureScenario } from "../scenario.ts";
import { takeTurns } from "../take-turns.ts";

const columns: Column<GrowthRun>[] = [
  { heading: "202 p50 ms", digits: 1, of: (run) => run.acceptP50 },
  { heading: "202 p95 ms", digits: 1, of: (run) => run.acceptP95 },
  { heading: "gateway CPU µs/event", digits: 0, of: (run) => run.cpu.gateway },
  { heading: "worker", digits: 0, of: (run) => run.cpu.worker },
  { heading: "Redis", digits: 0, of: (run) => run.cpu.redis },
  { heading: "Postgres", digits: 0, of: (run) => run.cpu.postgres },
  { heading: "WAL bytes/event", digits: 0, of: (run) => run.walBytes },
  { heading: "Redis file", digits: 0, of: (run) => run.redisFileBytes },
  { heading: "stored", digits: 0, of: (run) => run.storedBytes },
];

/** How the cost of one event grows with endpoints per organization and with organizations. */
export const measureGrowth: MeasureScenario = async (stack, options) => {
  const points = pointsOf(options);
  const runs = await takeTurns(
    "growth",
    options.runs,
    [...points.keys()],
    (name) => {
      const point = points.get(name);
      if (point === undefined) throw new Error(name);
      return measureGrowthPoint(stack, point, options.productSettings);
    },
    ({ cpu }) =>
      Object.entries(cpu)
        .map(([part, us]) => `${part} ${us.toFixed(0)} µs`)
        .join(", "),
  );
  return {
    title:
      "cost of an event, closed loop of 10 connections, until it is delivered and recorded; gateway, one worker",
    rows: runTable(columns, runs),
    figures: [],
    raw: { points: Object.fromEntries(points), runs },
  };
};

function pointsOf(options: BenchOptions): Map<string, GrowthPoint> {
  const base = options.events ?? options.pick(3_000, 300);
  const withEndpoints = [
    [0, 0],
    ...[1, 10, 50].flatMap((endpoints) =>
      [...new Set([0, 1, endpoints])].map((matching) => [endpoints, matching] as const),
    ),
  ] as const;
  return new Map([
    ...withEndpoints.map(([endpoints, matching]): [string, GrowthPoint] => [
      `${endpoints} endpoints, ${matching} of them match`,
      // Few enough that fifty deliveries of each do not take minutes.
      { organizations: 1, endpoints, matching, events: Math.ceil(base / Math.max(1, matching / 5)) },
    ]),
    ...[100, options.pick(10_000, 1_000)].map((organizations): [string, GrowthPoint] => [
      `${organizations} organizations without endpoints`,
      { organizations, endpoints: 0, matching: 0, events: Math.max(base, organizations) },
    ]),
  ]);
}
