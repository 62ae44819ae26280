import { delayOfStep } from "@triggers/domain";
import type { AttemptResult } from "./send-webhook.ts";
import { retryAfterMs } from "./classify-attempt-retry-after.ts";

/** What becomes of the delivery. */
export type Verdict =
  | { kind: "delivered" }
  | { kind: "retry"; delayMs: number; nextStep: number }
  /** The schedule is over. */
  | { kind: "failed" }
  /** 410: fails the delivery and disables the endpoint. */
  | { kind: "gone" }
  /** Drain: the same step again at once; consumes nothing. */
  | { kind: "interrupted" };

export interface AttemptState {
  /** The index into `schedule` of the attempt that was made. */
  scheduleStep: number;
  /** Seconds before each step. */
  schedule: readonly number[];
  nowMs: number;
  random: () => number;
}

/**
 * Judges an attempt. A `Retry-After` on 429 or 503 can lengthen the schedule's delay, never shorten it: a receiver that
 * asks for 0 seconds would else use up the whole schedule at once.
 */
export function classifyAttempt(result: AttemptResult, state: AttemptState): Verdict {
  if (result.errorCode === null) return { kind: "delivered" };
  if (result.errorCode === "interrupted") return { kind: "interrupted" };
  // Only a complete 410 counts: disabling an endpoint over half an answer would be rash.
  if (result.errorCode === "http_status" && result.status === 410) return { kind: "gone" };
  const nextStep = state.scheduleStep + 1;
  const scheduledMs = delayOfStep(state.schedule, nextStep, state.random);
  if (scheduledMs === undefined) return { kind: "failed" };
  const isAskedToWait = result.status === 429 || result.status === 503;
  const askedMs = isAskedToWait ? retryAfterMs(result.retryAfter, state.nowMs) : undefined;
  return { kind: "retry", delayMs: Math.max(askedMs ?? 0, scheduledMs), nextStep };
}
