// `node bench/src/capacity.ts [attempts per event …]`: what larger loads need, from the costs in capacity-costs.ts.
import { limitsOfOne, planCapacity } from "./plan-capacity.ts";
import { formatTable } from "./table.ts";

const rates = [10_000, 100_000, 1_000_000];
const attempts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [0, 1.1];
const spaced = (value: number) => value.toLocaleString("en").replaceAll(",", " ");

const rows = attempts.flatMap((attemptsPerEvent) =>
  rates.map((eventsPerSecond) => {
    const plan = planCapacity({ eventsPerSecond, attemptsPerEvent });
    return [
      spaced(eventsPerSecond),
      String(attemptsPerEvent),
      ...[plan.gateways, plan.workers, plan.redisShards, plan.postgresCores].map(spaced),
      spaced(Math.round(plan.walMbPerSecond)),
      plan.storedTbPerDay.toFixed(1),
      String(plan.primaries),
    ];
  }),
);
const heading = [
  ...["events/s", "attempts per event", "gateways", "workers", "Redis shards", "Postgres cores"],
  ...["WAL MB/s", "stored TB/day", "primaries"],
];
console.log(formatTable([heading, ...rows]));

const limits = attempts.map((attemptsPerEvent) => limitsOfOne(attemptsPerEvent));
const names = Object.keys(limits[0] ?? {});
console.log(
  `\n${formatTable([
    ["one of each carries, events/s", ...attempts.map((count) => `at ${count} attempts per event`)],
    ...names.map((name) => [name, ...limits.map((limit) => spaced(Math.floor(limit[name] ?? 0)))]),
  ])}`,
);
