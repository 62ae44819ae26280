import { randomUUID } from "node:crypto";
import { cancelDeliveriesOf, type Database, disableEndpoint, dropRequest, parkDelivery } from "@triggers/db";
import { decodeDeliveryJob, defaultRetrySchedule, type SecretBox } from "@triggers/domain";
import type { DeliveryQueues, ReceivedJob } from "@triggers/queues";
import { createThrottledLog, type Logger } from "@triggers/runtime";
import type { At } from "../fault-points.ts";
import { DrainedError, retryInPlace } from "../retry-in-place.ts";
import { classifyAttempt, type Verdict } from "./classify-attempt.ts";
import { type Claim, createClaims } from "./claims.ts";
import { createRecorder } from "./record.ts";
import type { AttemptResult, SendWebhook } from "./send-webhook.ts";
import { buildWebhookRequest } from "./webhook-request.ts";

export interface DeliverDeps {
  db: Database;
  deliveryQueues: DeliveryQueues;
  send: SendWebhook;
  secretBox: SecretBox;
  logger: Logger;
  at: At;
  /** How long a claim lives without being renewed. */
  claimMs: number;
  /** Retries due within it go into Redis at once; later ones wait in Postgres for the sweeper. */
  retryHorizonMs: number;
  /** Cuts the attempts in flight of a worker that drains. */
  drained: AbortSignal;
  observeAttempt?: (result: AttemptResult, verdict: Verdict) => void;
}

export interface DeliveryProcessor {
  process: (job: ReceivedJob) => Promise<void>;
  stop: () => void;
}

/**
 * The processor of the `deliveries` and `retries` queues: claim, post, record, schedule. The row decides, never the job:
 * without the claim nothing is posted. A crash before the record lets the claim run out and the attempt is made again,
 * with the same `webhook-id`; a crash after it leaves the next step to the sweeper.
 */
export function createDeliveryProcessor(deps: DeliverDeps): DeliveryProcessor {
  const logOutage = createThrottledLog(deps.logger, "warn", "deliveries cannot go on right now");
  const repeated = { signal: deps.drained, onError: (error: unknown) => logOutage({ error }) };
  const claims = createClaims(deps.db, deps.claimMs, deps.logger);
  const record = createRecorder(deps.db, deps.retryHorizonMs);

  async function attempt(job: ReceivedJob, claim: Claim): Promise<void> {
    const { delivery, endpoint } = claim;
    const isOver = endpoint?.deleted_at !== null || delivery.isErased;
    if (delivery.trigger === "manual" && (isOver || !endpoint.enabled)) {
      await retryInPlace(() => dropRequest(deps.db, delivery), repeated);
      return;
    }
    if (isOver) {
      await retryInPlace(
        () => cancelDeliveriesOf(deps.db, delivery.endpointId, [delivery.eventId]),
        repeated,
      );
      return;
    }
    if (!endpoint.enabled) {
      await retryInPlace(() => parkDelivery(deps.db, delivery), repeated);
      return;
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
    deps.observeAttempt?.(result, verdict);
    const recorded = await retryInPlace(() => record(claim, startedAt, result, verdict), repeated);
    logAttempt(deps.logger, claim, result, verdict, recorded !== undefined);
    if (!recorded) return;
    await deps.at("deliver: recorded");
    await follow(job, claim, verdict);
  }

  async function follow(job: ReceivedJob, { delivery }: Claim, verdict: Verdict): Promise<void> {
    if (verdict.kind === "interrupted") await job.postpone(0);
    if (verdict.kind === "gone") {
      await retryInPlace(() => disableEndpoint(deps.db, delivery.endpointId, "gone"), repeated);
    }
    if (verdict.kind === "retry" && delivery.trigger !== "manual" && verdict.delayMs <= deps.retryHorizonMs) {
      const next = { ...delivery, scheduleStep: verdict.nextStep, delayMs: verdict.delayMs };
      await deps.deliveryQueues.enqueue([next]).catch((error: unknown) => logOutage({ error }));
    }
  }

  return {
    async process(job) {
      const decoded = decodeDeliveryJob(job.data);
      if (!decoded.ok) {
        if (decoded.reason === "newer_version") await job.postpone(10_000);
        // The row in Postgres is the truth: the sweeper makes a job that can be read.
        deps.logger.error("a delivery job is malformed", { jobId: job.id });
        return;
      }
      const { e: eventId, p: endpointId, s: scheduleStep, m: number } = decoded.job;
      try {
        const request = {
          ...{ eventId, endpointId, scheduleStep, isManual: number !== undefined },
          claimId: randomUUID(),
        };
        const claimed = await retryInPlace(() => claims.take(request), repeated);
        if (claimed.outcome === "held") await job.postpone(claimed.heldMs + 50);
        if (claimed.outcome !== "claimed") return;
        try {
          await attempt(job, claimed.claim);
        } finally {
          claims.forget(claimed.claim);
        }
      } catch (error) {
        if (error instanceof DrainedError) await job.postpone(0);
        throw error;
      }
    },
    stop: () => {
      claims.stop();
    },
  };
}

function logAttempt(
  logger: Logger,
  { delivery }: Claim,
  result: AttemptResult,
  verdict: Verdict,
  isRecorded: boolean,
): void {
  const fields = {
    deliveryId: delivery.deliveryId,
    eventId: delivery.eventId,
    endpointId: delivery.endpointId,
    attempt: delivery.attempts + 1,
    status: result.status,
    errorCode: result.errorCode,
    durationMs: result.durationMs,
    verdict: verdict.kind,
  };
  if (!isRecorded) logger.warn("an attempt's claim was lost before it was recorded", fields);
  else if (verdict.kind === "delivered") logger.debug("delivery attempted", fields);
  else logger.info("delivery attempted", fields);
}
