import { type AttemptRecord, type Database, recordAttempts, type RecordedAttempt } from "@triggers/db";
import { createId } from "@triggers/domain";
import { createBatcher } from "@triggers/runtime";
import type { Verdict } from "./classify-attempt.ts";
import type { Claim } from "./claims.ts";
import type { AttemptResult } from "./send-webhook.ts";

/** Resolves with undefined when the claim was no longer ours and nothing was written. */
export type RecordAttempt = (
  claim: Claim,
  startedAt: Date,
  result: AttemptResult,
  verdict: Verdict,
) => Promise<RecordedAttempt | undefined>;

/** Records concurrent attempts in one transaction: commits are what limits Postgres. */
export function createRecorder(db: Database, retryHorizonMs: number): RecordAttempt {
  const batcher = createBatcher<AttemptRecord, RecordedAttempt | undefined>(
    { maxItems: 200, spacingMs: 5, maxConcurrent: 2 },
    async (records) => {
      const recorded = await recordAttempts(db, records, retryHorizonMs);
      const byClaim = new Map(recorded.map((attempt) => [attempt.claimId, attempt]));
      return records.map(({ claimId }) => byClaim.get(claimId));
    },
  );
  return ({ delivery }, startedAt, result, verdict) =>
    batcher.add({
      eventId: delivery.eventId,
      endpointId: delivery.endpointId,
      claimId: delivery.claimId,
      trigger: delivery.trigger,
      failureId: createId(),
      isInterrupted: verdict.kind === "interrupted",
      startedAt,
      durationMs: result.durationMs,
      responseStatus: result.status,
      errorCode: result.errorCode,
      errorDetail: result.errorDetail,
      responseHeaders: result.responseHeaders,
      responseBody: result.responseBody,
      ...nextState(verdict, delivery.scheduleStep),
    });
}

/** Where an attempt leaves its delivery. An interrupted one is no fault of the receiver: the same step runs again. */
function nextState(
  verdict: Verdict,
  scheduleStep: number,
): Pick<AttemptRecord, "status" | "scheduleStep" | "delayMs"> {
  switch (verdict.kind) {
    case "delivered":
      return { status: "delivered", scheduleStep, delayMs: null };
    case "failed":
    case "gone":
      return { status: "failed", scheduleStep, delayMs: null };
    case "retry":
      return { status: "retrying", scheduleStep: verdict.nextStep, delayMs: verdict.delayMs };
    case "interrupted":
      return { status: scheduleStep === 0 ? "pending" : "retrying", scheduleStep, delayMs: 0 };
  }
}
