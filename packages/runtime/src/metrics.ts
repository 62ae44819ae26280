import { collectDefaultMetrics, Registry } from "prom-client";

export { Counter, Gauge, Histogram, Registry } from "prom-client";

/** In seconds: fine between 0.5 ms and 1 s, where the API's answers lie. */
export const latencyBuckets = [
  0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
];

/** Gauges whose names end as a counter's must (promtool objects); each is the sum of the one without its ending. */
const misnamedSums = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** With the process's own figures (CPU, memory, event-loop lag). One for each app: tests run several in a process. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamedSums) registry.removeSingleMetric(name);
  return registry;
}
