import { isPromise } from "node:util/types";
import type { EventQueue } from "@triggers/queues";
import { Counter, Gauge, Histogram, latencyBuckets, type Registry } from "@triggers/runtime";
import type { RequestHandler } from "express";
import { waitedMsOf } from "./http/waited-time.ts";
import type { VerifiedKeys } from "./keys/verified-keys.ts";

export interface KeyLookups {
  hits: number;
  misses: number;
  refusals: number;
}

export interface GatewayMetrics {
  /** Goes first: it sees every request, whatever becomes of it. */
  observeRequests: RequestHandler;
  observeEnqueues(queue: EventQueue): EventQueue;
  /** Counts what the cache of keys could answer itself. */
  observeKeys(keys: VerifiedKeys): VerifiedKeys;
  keyLookups: Readonly<KeyLookups>;
  /** Long-polls and streams by what `counts` says when somebody asks. */
  showWaitingReaders(counts: () => Record<string, number>): void;
}

/** Labels come from closed sets: route patterns, methods that we route, statuses. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: "triggers_http_requests_total",
    help: "Requests by route and status; `aborted` when the client left first",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "triggers_http_request_duration_seconds",
    help: "From the request's head to the end of its answer, without what a reader waited for events",
    labelNames: ["method", "route"],
    buckets: latencyBuckets,
    registers,
  });
  const enqueues = new Histogram({
    name: "triggers_enqueue_duration_seconds",
    help: "Until Redis has an event on disk, or says that it is a repeat",
    labelNames: ["outcome"],
    buckets: latencyBuckets,
    registers,
  });
  const keyLookups: KeyLookups = { hits: 0, misses: 0, refusals: 0 };
  new Counter({
    name: "triggers_key_cache_lookups_total",
    help: "Lookups of API keys: known, looked up in Postgres, refused at once",
    labelNames: ["result"],
    registers,
    collect() {
      this.reset();
      this.inc({ result: "hit" }, keyLookups.hits);
      this.inc({ result: "miss" }, keyLookups.misses);
      this.inc({ result: "refused" }, keyLookups.refusals);
    },
  });
  const verifying = new Gauge({
    name: "triggers_key_verifications_in_flight",
    help: "Keys that wait for Postgres or bcrypt, or are in it",
    registers,
  });

  // Label objects are looked up by a few strings; made anew for each request they would cost more than the counting.
  const bound = new Map<string, { count: () => void; observe: (seconds: number) => void }>();
  const bind = (method: string, route: string, status: string) => {
    const count = requests.labels(method, route, status);
    const observe = durations.labels(method, route);
    return { count: () => count.inc(), observe: (seconds: number) => observe.observe(seconds) };
  };

  const enqueueDurations = new Map<string, ReturnType<typeof enqueues.labels>>();
  const durationOf = (outcome: string) => {
    let duration = enqueueDurations.get(outcome);
    if (!duration) enqueueDurations.set(outcome, (duration = enqueues.labels(outcome)));
    return duration;
  };

  async function timed<T>(enqueue: () => Promise<T>, outcomeOf: (result: T) => string): Promise<T> {
    const startedAt = performance.now();
    let outcome = "error";
    try {
      const result = await enqueue();
      outcome = outcomeOf(result);
      return result;
    } finally {
      durationOf(outcome).observe((performance.now() - startedAt) / 1_000);
    }
  }

  return {
    keyLookups,
    showWaitingReaders(counts) {
      new Gauge({
        name: "triggers_inbox_waiting_readers",
        help: "Readers of the inbox that wait for events on this gateway",
        labelNames: ["kind"],
        registers,
        collect() {
          for (const [kind, count] of Object.entries(counts())) this.set({ kind }, count);
        },
      });
    },
    observeRequests(req, res, next) {
      const startedAt = performance.now();
      res.on("close", () => {
        const { path = "unmatched" } = (req.route ?? {}) as { path?: string };
        const method = methods.has(req.method) ? req.method : "other";
        const status = res.writableFinished ? String(res.statusCode) : "aborted";
        const key = `${method} ${path} ${status}`;
        let series = bound.get(key);
        if (!series) bound.set(key, (series = bind(method, path, status)));
        series.count();
        series.observe(Math.max(0, performance.now() - startedAt - waitedMsOf(res)) / 1_000);
      });
      next();
    },
    observeEnqueues: (queue) => ({
      ...queue,
      enqueue: (...args) =>
        timed(
          () => queue.enqueue(...args),
          ({ outcome }) => outcome,
        ),
      enqueueMany: (...args) =>
        timed(
          () => queue.enqueueMany(...args),
          () => "batch",
        ),
    }),
    observeKeys: (keys) => ({
      ...keys,
      verify(apiKey) {
        let found: ReturnType<VerifiedKeys["verify"]>;
        try {
          found = keys.verify(apiKey);
        } catch (error) {
          keyLookups.refusals += 1;
          throw error;
        }
        if (!isPromise(found)) {
          keyLookups.hits += 1;
          return found;
        }
        keyLookups.misses += 1;
        verifying.inc();
        return found.finally(() => {
          verifying.dec();
        });
      },
    }),
  };
}
