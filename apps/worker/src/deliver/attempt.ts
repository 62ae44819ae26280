import { cancelDeliveriesOf, type Database, disableEndpoint, dropRequest, parkDelivery } from "@triggers/db";
import { defaultRetrySchedule, type SecretBox } from "@triggers/domain";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import type { Announcer } from "../announce/announcer.ts";
import type { At } from "../fault-points.ts";
import { retryInPlace } from "../retry-in-place.ts";
import type { DeliveryWindow } from "../window/delivery-window.ts";
import { classifyAttempt, type Verdict } from "./classify-attempt.ts";
import type { Claim } from "./claims.ts";
import { logAttempt } from "./log-attempt.ts";
import { createRecorder } from "./record.ts";
import type { AttemptResult, SendWebhook } from "./send-webhook.ts";
import { buildWebhookRequest } from "./webhook-request.ts";

export interface AttemptDeps {
  db: Database;
  window: DeliveryWindow;
  announcer: Announcer;
  send: SendWebhook;
  secretBox: SecretBox;
  logger: Logger;
  at: At;
  /** Retries due within it go into Redis at once; later ones wait in Postgres for the sweeper. */
  retryHorizonMs: number;
  /** Cuts the attempts in flight of a worker that drains. */
  drained: AbortSignal;
  observeAttempt?: (result: AttemptResult, verdict: Verdict) => void;
}

/** What becomes of the job; the delivery's state is in Postgres by then. */
export type AttemptEnd = { end: "done" } | { end: "again"; delayMs: number };

/**
 * Attempts what was claimed: post, record, schedule what comes next. `onPosted` is called when the endpoint is done with
 * it, before the record.
 */
export type Attempt = (claim: Claim, onPosted: () => void) => Promise<AttemptEnd>;

export function createAttempt(deps: AttemptDeps): Attempt {
  const logOutage = createThrottledLog(deps.logger, "warn", "deliveries cannot go on right now");
  const repeat = <T>(work: () => Promise<T>) =>
    retryInPlace(work, { signal: deps.drained, onError: (error) => logOutage({ error }) });
  const record = createRecorder(deps.db, deps.retryHorizonMs);

  async function follow({ delivery, endpoint }: Claim, verdict: Verdict): Promise<AttemptEnd> {
    if (verdict.kind === "interrupted") return { end: "again", delayMs: 0 };
    if (verdict.kind === "gone") {
      const { endpointId, type } = delivery;
      deps.announcer.announce(await repeat(() => disableEndpoint(deps.db, endpointId, "gone", type)));
    }
    if (verdict.kind === "retry" && delivery.trigger !== "manual" && verdict.delayMs <= deps.retryHorizonMs) {
      const { nextStep: scheduleStep, delayMs } = verdict;
      const next = { ...delivery, scheduleStep, delayMs, maxInFlight: endpoint?.max_in_flight ?? 1 };
      await deps.window.offer([next]).catch((error: unknown) => logOutage({ error }));
    }
    return { end: "done" };
  }

  return async (claim, onPosted) => {
    const { delivery, endpoint } = claim;
    const isOver = endpoint?.deleted_at !== null || delivery.isErased;
    if (delivery.trigger === "manual" && (isOver || !endpoint.enabled)) {
      await repeat(() => dropRequest(deps.db, delivery));
      return { end: "done" };
    }
    if (isOver) {
      await repeat(() => cancelDeliveriesOf(deps.db, delivery.endpointId, [delivery.eventId]));
      return { end: "done" };
    }
    if (!endpoint.enabled) {
      await repeat(() => parkDelivery(deps.db, delivery));
      return { end: "done" };
    }
    await deps.at("deliver: claimed");
    const startedAt = new Date();
    const request = buildWebhookRequest(deps.secretBox, endpoint, delivery, startedAt);
    const result = await deps.send({ ...request, signal: AbortSignal.any([claim.lost, deps.drained]) });
    await deps.at("deliver: posted");
    const verdict = classifyAttempt(result, {
      scheduleStep: delivery.scheduleStep,
      schedule: endpoint.retry_schedule ?? defaultRetrySchedule,
      nowMs: Date.now(),
      random: Math.random,
    });
    if (verdict.kind !== "interrupted") onPosted();
    deps.observeAttempt?.(result, verdict);
    const recorded = await repeat(() => record(claim, startedAt, result, verdict));
    logAttempt(deps.logger, claim, result, verdict, recorded !== undefined);
    if (!recorded) return { end: "done" };
    if (recorded.announced) deps.announcer.announce([recorded.announced]);
    await deps.at("deliver: recorded");
    return follow(claim, verdict);
  };
}
