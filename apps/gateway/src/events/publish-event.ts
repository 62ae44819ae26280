import { DomainError, readJsonText, timeOfId } from "@triggers/domain";
import type { Request, RequestHandler, Response } from "express";
import { cloudEventModeOf } from "../cloudevents/mode.ts";
import { readBinary } from "../cloudevents/read-binary.ts";
import { readStructured } from "../cloudevents/read-structured.ts";
import { splitCloudEvents } from "../cloudevents/split-cloud-events.ts";
import type { Origin } from "../cloudevents/to-submission.ts";
import { bodyOf, createBodyReader, readJsonObject } from "../http/read-body.ts";
import { requestIdOf } from "../http/request-context.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { admissionOf, type Admit } from "../keys/admission.ts";
import { rateLimitError } from "../limits/rate-limit-headers.ts";
import { acceptEvent } from "./accept-event.ts";
import { checkEventBody } from "./check-event-body.ts";
import { toEventJob } from "./event-job.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { maxBatchBytes, maxEventBytes } from "./max-event-bytes.ts";
import { type BatchDeps, publishItems, type ReadSubmission } from "./publish-items.ts";
import type { Accepted } from "./publish-answers.ts";
import { publishEventOperation } from "./publish-operations.ts";
import { publishQuerySchema } from "./publish-query-schema.ts";
import { type Acceptance, keyReusedError } from "./submission.ts";

export type PublishDeps = BatchDeps & { admit: Admit };

const readEvent = createBodyReader(maxEventBytes);
const readBatch = createBodyReader(maxBatchBytes);

export function publishEventRoute(deps: PublishDeps): Route {
  return {
    method: "post",
    path: "/api/events",
    operation: publishEventOperation,
    handlers: [
      deps.admit("publish"),
      (req, res, next) => (cloudEventModeOf(req) === "batch" ? readBatch : readEvent)(req, res, next),
      publishEvent(deps),
    ],
  };
}

/** Every refusal comes here, in the contract's order, and before anything leaves the process. */
function publishEvent(deps: PublishDeps): RequestHandler {
  return async (req, res) => {
    const { principal, grant, deadline } = admissionOf(res);
    const origin = { organizationId: principal.organizationId, requestId: requestIdOf(res) };
    const mode = cloudEventModeOf(req);
    if (mode === "batch") {
      const split = splitCloudEvents(bodyOf(req));
      if (!split.ok) throw split.error;
      readPublishQuery(req);
      await publishItems(deps, { req, res }, { ...split, read: (text) => readStructured(origin, text) });
      return;
    }
    const read = readSubmission(req, origin, mode);
    if (!read.ok) throw read.error;
    const onDuplicate = readPublishQuery(req);
    const key = idempotencyKeyOf(req, principal.organizationId);
    if (grant.outcome !== "granted") throw rateLimitError(grant);

    const { submission, warnings } = read;
    const acceptance = await acceptEvent(deps, submission, { key }, deadline);
    // Senders of CloudEvents retry on a 409: they get it only when they ask for it.
    const isRefusing = onDuplicate === "refuse" || (onDuplicate === undefined && !mode);
    if (acceptance.outcome === "duplicate" && isRefusing) {
      throw new DomainError("duplicate_event", "An event with this dedup_id was accepted before.", {
        extra: { id: acceptance.firstId, event_id: acceptance.firstId, duplicate: true },
      });
    }
    sendAcceptance(res, acceptance, { type: submission.job.type, warnings });
  };
}

/** What a repeat is answered with, where the client says so. Most requests have no query, and nothing to check. */
function readPublishQuery(req: Request): "refuse" | "accept" | undefined {
  if (!req.url.includes("?")) return undefined;
  const { on_duplicate } = validate(publishQuerySchema, req.query, "query");
  return req.query.on_duplicate === undefined ? undefined : on_duplicate;
}

function readSubmission(
  req: Request,
  origin: Origin,
  mode: "structured" | "binary" | undefined,
): ReadSubmission {
  if (mode === "binary") return readBinary(origin, req);
  if (mode === "structured") {
    const read = readJsonText(bodyOf(req), (text): unknown => JSON.parse(text));
    return read.ok ? readStructured(origin, read.text) : read;
  }
  const body = readJsonObject(req);
  if (!body.ok) return body;
  const fields = checkEventBody(body.value);
  if (!fields.ok) return fields;
  const span = body.members.get("payload");
  const payload = body.text.slice(span?.start, span?.end);
  const { organizationId, requestId } = origin;
  const submission = toEventJob(organizationId, requestId, fields.value, payload);
  return { ok: true, submission, warnings: fields.warnings };
}

/** The 202. A replay is the first answer again; a duplicate names the first event, whose type this one need not have. */
export function sendAcceptance(
  res: Response,
  acceptance: Acceptance,
  { type, warnings }: Pick<Accepted, "type"> & { warnings: NonNullable<Accepted["warnings"]> },
): void {
  if (acceptance.outcome === "key_reused") throw keyReusedError();
  const id = acceptance.outcome === "accepted" ? acceptance.id : acceptance.firstId;
  const isDuplicate = acceptance.outcome === "duplicate";
  if (acceptance.outcome === "replayed") res.setHeader("Idempotency-Replayed", "true");
  res.setHeader("Location", `/api/events/${id}`);
  const answer: Accepted = {
    id,
    event_id: id,
    ...(isDuplicate ? { duplicate: true as const } : {}),
    type,
    status: "accepted",
    created_at: new Date(timeOfId(id)).toISOString(),
    message: isDuplicate ? "The event was accepted before." : "The event is durable.",
    ...(warnings.length > 0 ? { warnings } : {}),
  };
  sendJson(res, 202, answer);
}
