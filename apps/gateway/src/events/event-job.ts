import type { EventJob } from "@triggers/domain";
import type { EventBody } from "./event-schema.ts";
import type { Submission } from "./submission.ts";

/** `payload` is JSON text as it was sent. */
export function toEventJob(
  organizationId: string,
  requestId: string,
  { type, dedup_id, subscriber, metadata, occurred_at }: EventBody,
  payload: string,
): Submission {
  const job: EventJob = {
    v: 1,
    org: organizationId,
    type,
    payload,
    ...(dedup_id === undefined ? {} : { dedup: dedup_id }),
    ...(subscriber === undefined ? {} : { sub: subscriber }),
    ...(metadata === undefined ? {} : { meta: metadata }),
    ...(occurred_at === undefined ? {} : { at: Date.parse(occurred_at) }),
    req: requestId,
  };
  return { job, dedupParts: dedup_id === undefined ? undefined : [dedup_id] };
}
