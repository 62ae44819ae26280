import type { ErrorCode } from "@triggers/domain";

export interface FailedResult {
  event_id: string;
  status: "failed";
  code: ErrorCode;
  detail: string;
}

/** Why a verb of a lease did nothing to an event: there is none, or somebody else may have it by now. */
export function notHeld(eventId: string, isStored: boolean): FailedResult {
  const why = isStored
    ? { code: "lease_expired" as const, detail: "The lease does not hold this event any more." }
    : { code: "not_found" as const, detail: "There is no such event." };
  return { event_id: eventId, status: "failed", ...why };
}

/** How many of each, for the head of an answer. */
export function countResults(results: readonly { status: string }[]): { done: number; failed: number } {
  const failed = results.filter(({ status }) => status === "failed").length;
  return { done: results.length - failed, failed };
}
