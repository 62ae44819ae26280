import type { Logger } from "@triggers/runtime";
import type { Verdict } from "./classify-attempt.ts";
import type { Claim } from "./claims.ts";
import type { AttemptResult } from "./send-webhook.ts";

/** A success is nothing to read about; a claim that was lost on the way is. */
export function logAttempt(
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
