import { Counter, Gauge, Histogram, latencyBuckets, type Registry } from "@triggers/runtime";
import type { Verdict } from "./deliver/classify-attempt.ts";
import type { Refusal } from "./gate/gate-commands.ts";
import type { AttemptResult } from "./deliver/send-webhook.ts";

export interface WorkerMetrics {
  observeBatch: (events: number, durationMs: number) => void;
  observeAttempt: (result: AttemptResult, verdict: Verdict) => void;
  observeRefusal: (reason: Refusal) => void;
  countExpiredUnread: (events: number) => void;
  setLeader: (isLeader: boolean) => void;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const events = new Counter({
    name: "triggers_events_persisted_total",
    help: "Events that went to Postgres, those that were there already included",
    registers,
  });
  const batches = new Histogram({
    name: "triggers_persist_batch_events",
    help: "Events in one transaction",
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 350, 500],
    registers,
  });
  const durations = new Histogram({
    name: "triggers_persist_duration_seconds",
    help: "From a batch's close to its commit, waiting for Postgres included",
    buckets: [...latencyBuckets, 2.5, 5, 10],
    registers,
  });
  const attempts = new Counter({
    name: "triggers_delivery_attempts_total",
    help: "Requests to endpoints by what they came to",
    labelNames: ["outcome", "error_code"],
    registers,
  });
  const attemptDurations = new Histogram({
    name: "triggers_delivery_attempt_duration_seconds",
    help: "From the DNS lookup to the last byte of the answer",
    labelNames: ["outcome"],
    buckets: [...latencyBuckets, 2.5, 5, 10, 15, 30],
    registers,
  });
  const expiredUnread = new Counter({
    name: "triggers_events_expired_unread_total",
    help: "Events that the retention removed although they were neither acknowledged nor delivered",
    registers,
  });
  const leader = new Gauge({
    name: "triggers_worker_is_leader",
    help: "1 while this worker sweeps for the whole fleet",
    registers,
  });
  const refusals = new Counter({
    name: "triggers_delivery_refusals_total",
    help: "Jobs put off without an attempt because their endpoint had no room, by reason",
    labelNames: ["reason"],
    registers,
  });
  leader.set(0);
  return {
    observeBatch(count, durationMs) {
      events.inc(count);
      batches.observe(count);
      durations.observe(durationMs / 1_000);
    },
    observeAttempt({ errorCode, durationMs }, { kind }) {
      attempts.inc({ outcome: kind, error_code: errorCode ?? "none" });
      attemptDurations.observe({ outcome: kind }, durationMs / 1_000);
    },
    observeRefusal: (reason) => refusals.inc({ reason }),
    countExpiredUnread: (events) => expiredUnread.inc(events),
    setLeader: (isLeader) => leader.set(isLeader ? 1 : 0),
  };
}
