import {
  createEventId,
  dedupKeyOf,
  DomainError,
  type EventJob,
  fingerprintOf,
  fingerprintOfRequest,
} from "@triggers/domain";
import type { EnqueueResult, EventToEnqueue } from "@triggers/queues";
import type { IdempotencyKey } from "./idempotency-key.ts";

/** An event that has passed every check and is about to be enqueued. */
export interface Submission {
  job: EventJob;
  /** What makes it a repeat within the organization: its dedup id, or a CloudEvent's source and id. */
  dedupParts?: readonly string[] | undefined;
}

/** The request that an `Idempotency-Key` made repeatable; `index` where it brought many events. */
export interface Repeatable {
  key: IdempotencyKey | undefined;
  index?: number;
  /** The item of a batch that stands for the whole of it: its dedup key is the idempotency key alone. */
  isAnchor?: boolean;
}

/** `replayed`: the very same request came before. `key_reused`: the idempotency key came with another body. */
export type Acceptance =
  { outcome: "accepted"; id: string } | { outcome: "duplicate" | "replayed" | "key_reused"; firstId: string };

/**
 * The id and the dedup key under which an event is enqueued. One atomic add decides all: whether it is a repeat, and by
 * the fingerprint in the first event's id, of what. So no crash can leave a key that names no durable event.
 */
export function planEvent(
  { now, dedupWindowMs }: { now: () => number; dedupWindowMs: number },
  { job, dedupParts }: Submission,
  { key, index, isAnchor = index === undefined }: Repeatable,
): EventToEnqueue {
  const dedupKey = dedupParts
    ? dedupKeyOf("dedup", job.org, ...dedupParts)
    : key && dedupKeyOf("idempotency", job.org, key.key, ...(isAnchor ? [] : itemParts(key, index)));
  return {
    id: createEventId(now(), key && fingerprintOfRequest(key.digest, index)),
    job,
    dedup: dedupKey === undefined ? undefined : { key: dedupKey, windowMs: dedupWindowMs },
  };
}

/** With the body in it, an item's key can only ever find the same item of the same request. */
function itemParts({ digest }: IdempotencyKey, index: number | undefined): string[] {
  return [digest.toString("base64"), String(index)];
}

/** What the answer of the queue means: an equal fingerprint is a replay, also where the dedup id found the repeat. */
export function judgeResult(
  id: string,
  result: EnqueueResult,
  { dedupParts }: Submission,
  { key }: Repeatable,
): Acceptance {
  if (result.outcome === "enqueued") return { outcome: "accepted", id };
  const { firstId } = result;
  if (key && fingerprintOf(firstId) === fingerprintOf(id)) return { outcome: "replayed", firstId };
  return { outcome: dedupParts ? "duplicate" : "key_reused", firstId };
}

export function keyReusedError(): DomainError {
  return new DomainError(
    "idempotency_key_reused",
    "This Idempotency-Key came with another body before; use a new one for a new request.",
  );
}
