import type { Arrivals } from "./endpoint.ts";

export interface ArrivalFigures {
  /** From when the request was due to its arrival at the endpoint; sorted. */
  latenciesMs: Float64Array;
  /** Arrivals within the time of the load, per second of it. */
  perSecond: number;
  /** How fast the number of events that were sent but had not arrived grew, in % of the rate. */
  backlogGrowth: number;
}

/** What the arrivals of events 0..n-1 say, request n being due `n / perSecond` seconds after `startedAt`. */
export function summarizeArrivals(
  { arrivedAt }: Arrivals,
  load: { startedAt: number; perSecond: number; seconds: number },
): ArrivalFigures {
  const dueAt = (n: number) => load.startedAt + (n * 1_000) / load.perSecond;
  const endsAt = load.startedAt + load.seconds * 1_000;
  const times = arrivedAt.filter((at) => at !== null);
  const latenciesMs = Float64Array.from(arrivedAt.flatMap((at, n) => (at === null ? [] : [at - dueAt(n)])));
  const backlogs = Array.from({ length: Math.floor(load.seconds) }, (_, second) => {
    const until = load.startedAt + (second + 1) * 1_000;
    return (second + 1) * load.perSecond - times.filter((at) => at <= until).length;
  });
  return {
    latenciesMs: latenciesMs.sort(),
    perSecond: times.filter((at) => at <= endsAt).length / load.seconds,
    // The first third belongs to the warming up.
    backlogGrowth: (100 * slopeOf(backlogs.slice(Math.floor(backlogs.length / 3)))) / load.perSecond,
  };
}

/** The slope of the straight line through equidistant values (least squares). */
export function slopeOf(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const above = values.reduce((sum, value, x) => sum + (x - middle) * (value - mean), 0);
  return above / values.reduce((sum, _, x) => sum + (x - middle) ** 2, 0);
}
