import { DomainError, type FieldError, timeOfId } from "@triggers/domain";
import type { Request, Response } from "express";
import { sendJson } from "../http/send-json.ts";
import { admissionOf } from "../keys/admission.ts";
import type { Limiter } from "../limits/limiter.ts";
import { rateLimitError, setRateLimitHeaders } from "../limits/rate-limit-headers.ts";
import { acceptBatch, type BatchItem } from "./accept-batch.ts";
import type { AcceptDeps } from "./accept-event.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { mapInSlices } from "./map-in-slices.ts";
import type { BatchAnswer, BatchResult } from "./publish-answers.ts";
import type { Acceptance, Submission } from "./submission.ts";

export type BatchDeps = AcceptDeps & { limiter: Limiter; rateLimitWindowMs: number };

export type ReadSubmission =
  { ok: true; submission: Submission; warnings: FieldError[] } | { ok: false; error: DomainError };

/**
 * Publishes many events and answers for each of them, in order. `pointer` leads to the array of items in the body. The
 * admission took one token of the budget; the others are taken when the batch is known to be worth them.
 */
export async function publishItems(
  deps: BatchDeps,
  { req, res }: { req: Request; res: Response },
  {
    texts,
    pointer,
    read,
  }: { texts: readonly string[]; pointer: string; read: (text: string) => ReadSubmission },
): Promise<void> {
  const { principal, deadline, ...admission } = admissionOf(res);
  const { organizationId, rateLimitPerMinute } = principal;
  if (texts.length > rateLimitPerMinute) {
    throw new DomainError(
      "batch_exceeds_rate_limit",
      `The batch has ${texts.length} events; the tier allows ${rateLimitPerMinute} per minute.`,
      { extra: { limit: rateLimitPerMinute } },
    );
  }
  const key = idempotencyKeyOf(req, organizationId);
  const items = await mapInSlices(texts, read);
  const valid = items.flatMap((item, index): BatchItem[] =>
    item.ok ? [{ index, submission: item.submission }] : [],
  );
  if (valid.length === 0 && items.length > 0) throw nothingValid(items, pointer);
  let { grant } = admission;
  if (grant.outcome === "granted" && items.length > 1) {
    const rest = deps.limiter.takeAll("publish", organizationId, rateLimitPerMinute, items.length - 1);
    grant = await deadline.race(rest, (cause) => rateLimitError({ outcome: "unknown", cause }));
    setRateLimitHeaders(res, "publish", grant, deps.rateLimitWindowMs);
  }
  if (grant.outcome !== "granted") throw rateLimitError(grant);

  const acceptances = valid.length > 0 ? await acceptBatch(deps, valid, key, deadline) : [];
  const outcomes = new Map(valid.map(({ index }, n) => [index, acceptances[n]]));
  const isReplay =
    acceptances.some(({ outcome }) => outcome === "replayed") &&
    acceptances.every(({ outcome }) => outcome !== "accepted");
  if (isReplay) res.setHeader("Idempotency-Replayed", "true");
  const results = items.map((item, index) => resultOf(item, index, outcomes.get(index)));
  const count = (status: BatchResult["status"]) =>
    results.filter((result) => result.status === status).length;
  const answer: BatchAnswer = {
    accepted: count("accepted"),
    duplicates: count("duplicate"),
    rejected: count("rejected"),
    results,
  };
  sendJson(res, 202, answer);
}

function resultOf(item: ReadSubmission, index: number, acceptance: Acceptance | undefined): BatchResult {
  if (!item.ok) {
    const { code, message, details } = item.error;
    const errors = details.fields ? { errors: details.fields } : {};
    return { index, status: "rejected", error: { code, detail: message, ...errors } };
  }
  if (!acceptance) throw new Error("the queue did not answer for every event");
  const warnings = item.warnings.length > 0 ? { warnings: item.warnings } : {};
  const id = acceptance.outcome === "accepted" ? acceptance.id : acceptance.firstId;
  const isDuplicate = acceptance.outcome === "duplicate";
  const createdAt = new Date(timeOfId(id)).toISOString();
  return { index, status: isDuplicate ? "duplicate" : "accepted", id, created_at: createdAt, ...warnings };
}

/** Enough to see what is wrong: a batch of a thousand has thousands of faults when its sender has one. */
const maxFaults = 100;

function nothingValid(items: readonly ReadSubmission[], pointer: string): DomainError {
  const fields = items.flatMap((item, index) => {
    if (item.ok) return [];
    const faults = item.error.details.fields ?? [{ pointer: "", detail: item.error.message }];
    return faults.map((fault) => ({ ...fault, pointer: `${pointer}/${index}${fault.pointer}` }));
  });
  const detail = `Not one of the ${items.length} events can be accepted.`;
  return new DomainError("invalid_request", detail, { fields: fields.slice(0, maxFaults) });
}
