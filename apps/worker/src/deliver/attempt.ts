import {
  cancelDeliveriesOf,
  type Database,
  disableEndpoint,
  dropRequest,
  type EndpointRow,
  parkDelivery,
} from "@triggers/db";
import { defaultRetrySchedule, type SecretBox } from "@triggers/domain";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import type { Announcer } from "../announce/announcer.ts";
import type { At } from "../fault-points.ts";
import { retryInPlace } from "../retry-in-place.ts";
import type { EndpointGate } from "../gate/endpoint-gate.ts";
import type { PostOutcome } from "../gate/gate-commands.ts";
import type { DeliveryWindow } from "../window/delivery-window.ts";
import { classifyAttempt, type Verdict } from "./classify-attempt.ts";
import { retryAfterMs } from "./classify-attempt-retry-after.ts";
import type { Claim } from "./claims.ts";
import { createEndpointHealth } from "./endpoint-health.ts";
import { logAttempt } from "./log-attempt.ts";
import { createRecorder } from "./record.ts";
import type { AttemptResult, SendWebhook } from "./send-webhook.ts";
import { buildWebhookRequest } from "./webhook-request.ts";

export interface AttemptDeps {
  db: Database;
  window: DeliveryWindow;
  announcer: Announcer;
  gate: EndpointGate;
  send: SendWebhook;
  secretBox: Pick<SecretBox, "open">;
  logger: Logger;
  at: At;
  /** Retries due within it go into Redis at once; later ones wait in Postgres for the sweeper. */
  retryHorizonMs: number;
  /** An endpoint that has failed for so long without a success is disabled. */
  disableAfterSeconds: number;
  /** Cuts the attempts in flight of a worker that drains. */
  drained: AbortSignal;
  observeAttempt?: (result: AttemptResult, verdict: Verdict) => void;
}

/** What becomes of the job; the delivery's state is in Postgres by then, unless no attempt was made. */
export type AttemptEnd =
  { end: "done" } | { end: "again"; delayMs: number } | { end: "refused"; delayMs: number };

/**
 * Attempts what was claimed: post, record, schedule what comes next. `onPosted` is called when the endpoint is done with
 * it, before the record.
 */
export type Attempt = (jobId: string, claim: Claim, onPosted: () => void) => Promise<AttemptEnd>;

interface Posted {
  startedAt: Date;
  result: AttemptResult;
}

export function createAttempt(deps: AttemptDeps): Attempt {
  const logOutage = createThrottledLog(deps.logger, "warn", "deliveries cannot go on right now");
  const repeat = <T>(work: () => Promise<T>) =>
    retryInPlace(work, { signal: deps.drained, onError: (error) => logOutage({ error }) });
  const noteHealth = createEndpointHealth(deps.db, deps.disableAfterSeconds);
  const record = createRecorder(deps.db, deps.retryHorizonMs);

  async function follow({ delivery, endpoint }: Claim, verdict: Verdict): Promise<AttemptEnd> {
    if (verdict.kind === "interrupted") return { end: "again", delayMs: 0 };
    if (verdict.kind === "gone") {
      const { endpointId, type } = delivery;
      deps.announcer.announce(
        await repeat(() => disableEndpoint(deps.db, endpointId, { reason: "gone", eventType: type })),
      );
    }
    if (verdict.kind === "retry" && delivery.trigger !== "manual" && verdict.delayMs <= deps.retryHorizonMs) {
      const { nextStep: scheduleStep, delayMs } = verdict;
      const next = { ...delivery, scheduleStep, delayMs, maxInFlight: endpoint?.max_in_flight ?? 1 };
      await deps.window.offer([next]).catch((error: unknown) => logOutage({ error }));
    }
    return { end: "done" };
  }

  async function post(claim: Claim, endpoint: EndpointRow): Promise<Posted> {
    const startedAt = new Date();
    const request = buildWebhookRequest(deps.secretBox, endpoint, claim.delivery, startedAt);
    const result = await deps.send({ ...request, signal: claim.cut });
    return { startedAt, result };
  }

  /** Makes the request when the endpoint's gate lets it through. */
  async function enterAndPost(
    jobId: string,
    claim: Claim,
    endpoint: EndpointRow,
  ): Promise<Posted | { refusedMs: number }> {
    const entry = await repeat(() =>
      deps.gate.enter(claim.delivery.scheduleStep === 0 ? "first" : "retry", {
        ...{ endpointId: endpoint.id, token: claim.delivery.claimId, jobId },
        ...{ maxInFlight: endpoint.max_in_flight, ratePerSecond: endpoint.rate_limit_per_second },
      }),
    );
    if (entry.outcome === "refused") return { refusedMs: entry.waitMs };
    let posted: Posted | undefined;
    try {
      posted = await post(claim, endpoint);
      return posted;
    } finally {
      void entry.leave(reportOf(posted?.result));
    }
  }

  return async (jobId, claim, onPosted) => {
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
    const posted = await enterAndPost(jobId, claim, endpoint);
    if ("refusedMs" in posted) return { end: "refused", delayMs: posted.refusedMs };
    const { startedAt, result } = posted;
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
    // What is missed here, the next attempt makes up for.
    await noteHealth(endpoint, verdict, delivery.type).then(
      (told) => deps.announcer.announce(told),
      (error: unknown) => logOutage({ error }),
    );
    return follow(claim, verdict);
  };
}

/** What the attempt says about its endpoint; one that was not even made says nothing. */
function reportOf(result: AttemptResult | undefined) {
  if (!result) return { outcome: "interrupted" as const, durationMs: 0, askedMs: 0 };
  const { errorCode, durationMs, status, retryAfter } = result;
  const isAskedToWait = status === 429 || status === 503;
  const askedMs = (isAskedToWait ? retryAfterMs(retryAfter, Date.now()) : undefined) ?? 0;
  return { outcome: outcomeOf(errorCode), durationMs, askedMs };
}

function outcomeOf(errorCode: AttemptResult["errorCode"]): PostOutcome {
  if (errorCode === null) return "success";
  return errorCode === "timeout" || errorCode === "interrupted" ? errorCode : "failure";
}
