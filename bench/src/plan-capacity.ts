import {
  type Costs,
  costsPerDelivery,
  costsPerEvent,
  largestPostgres,
  utilisation,
} from "./capacity-costs.ts";

export interface Load {
  eventsPerSecond: number;
  /** Attempts per event, retries included. */
  attemptsPerEvent: number;
}

export interface Capacity {
  /** Processes of one core each. */
  gateways: number;
  workers: number;
  redisShards: number;
  postgresCores: number;
  walMbPerSecond: number;
  storedTbPerDay: number;
  /** How many of the largest Postgres it takes: beyond one, organizations are spread over installations of their own. */
  primaries: number;
}

const cost = (part: keyof Costs, { attemptsPerEvent }: Load) =>
  costsPerEvent[part] + attemptsPerEvent * costsPerDelivery[part];

/** Cores that the load keeps busy, at no more than `utilisation` each. */
const coresOf = (part: "gateway" | "worker" | "redis" | "postgres", load: Load) =>
  (load.eventsPerSecond * cost(part, load)) / 1e6 / utilisation;

export function planCapacity(load: Load): Capacity {
  const walBytesPerSecond = load.eventsPerSecond * cost("walBytes", load);
  const postgresCores = coresOf("postgres", load);
  return {
    gateways: Math.ceil(coresOf("gateway", load)),
    workers: Math.ceil(coresOf("worker", load)),
    redisShards: Math.ceil(coresOf("redis", load)),
    postgresCores: Math.ceil(postgresCores),
    walMbPerSecond: walBytesPerSecond / 1e6,
    storedTbPerDay: (load.eventsPerSecond * cost("storedBytes", load) * 86_400) / 1e12,
    primaries: Math.ceil(
      Math.max(
        postgresCores / largestPostgres.cores,
        walBytesPerSecond / (largestPostgres.walBytesPerSecond * utilisation),
      ),
    ),
  };
}

/** Events per second at which one of each is at its limit: the least of them is what saturates first. */
export function limitsOfOne(attemptsPerEvent: number): Record<string, number> {
  const load = { eventsPerSecond: 1, attemptsPerEvent };
  const ofCores = (part: Parameters<typeof coresOf>[0]) => 1 / coresOf(part, load);
  return {
    "a gateway process": ofCores("gateway"),
    "a worker process": ofCores("worker"),
    "a Redis shard": ofCores("redis"),
    "the largest Postgres, CPU": ofCores("postgres") * largestPostgres.cores,
    "the largest Postgres, WAL": (largestPostgres.walBytesPerSecond * utilisation) / cost("walBytes", load),
  };
}
