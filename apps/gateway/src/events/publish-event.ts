import { DomainError, timeOfId } from "@triggers/domain";
import type { RequestHandler, Response } from "express";
import Joi from "joi";
import { createBodyReader, readJsonObject } from "../http/read-body.ts";
import { requestIdOf } from "../http/request-context.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { check, validate } from "../http/validate.ts";
import { admissionOf, type Admit } from "../keys/admission.ts";
import { rateLimitError } from "../limits/rate-limit-headers.ts";
import { acceptEvent, type AcceptDeps } from "./accept-event.ts";
import { eventSchema } from "./event-schema.ts";
import { toEventJob } from "./event-job.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";
import { maxEventBytes } from "./max-event-bytes.ts";
import { type Accepted, acceptedSchema } from "./publish-answers.ts";
import { type Acceptance, keyReusedError } from "./submission.ts";

export type PublishDeps = AcceptDeps & { admit: Admit };

export const publishQuery = Joi.object<{ on_duplicate: "refuse" | "accept" }>({
  on_duplicate: Joi.string().valid("refuse", "accept").default("refuse"),
});

export function publishEventRoute(deps: PublishDeps): Route {
  return {
    method: "post",
    path: "/api/events",
    operation: {
      id: "publishEvent",
      tag: "Events",
      summary: "Publish an event",
      description: [
        "The event is durable when the 202 is sent. A 503 means that it may have been accepted: a retry with the same",
        "`dedup_id` or `Idempotency-Key` is safe.",
        "",
        "`Idempotency-Key: <1 to 255 characters>` makes the request repeatable within the dedup window: the same key with",
        "the same body replays the first answer (`Idempotency-Replayed: true`), with another body it is a 422. With a",
        "`dedup_id` beside it, the `dedup_id` decides whether the event is a repeat, and an equal key and body makes that",
        "a replay instead of a 409.",
      ].join("\n"),
      access: "publish",
      query: publishQuery,
      body: { schema: eventSchema, isRequired: true },
      answers: {
        202: {
          description: "The event is durable, or was accepted before (`duplicate`, `Idempotency-Replayed`).",
          schema: acceptedSchema,
          headers: {
            Location: "Where the event can be read.",
            "Idempotency-Replayed": "`true` when this repeats the answer to an earlier request.",
          },
        },
      },
      problems: [
        "payload_too_large",
        "unsupported_media_type",
        "malformed_json",
        "duplicate_event",
        "idempotency_key_reused",
        "queue_unavailable",
        "queue_full",
      ],
    },
    handlers: [deps.admit("publish"), createBodyReader(maxEventBytes), publishEvent(deps)],
  };
}

/** Every refusal comes here, in the contract's order, and before anything leaves the process. */
function publishEvent(deps: PublishDeps): RequestHandler {
  return async (req, res) => {
    const { principal, grant, deadline } = admissionOf(res);
    const body = readJsonObject(req);
    if (!body.ok) throw body.error;
    const { on_duplicate } = validate(publishQuery, req.query, "query");
    const key = idempotencyKeyOf(req, principal.organizationId);
    const fields = check(eventSchema, body.value, "body", "warn");
    if (!fields.ok) throw fields.error;
    if (grant.outcome !== "granted") throw rateLimitError(grant);

    const span = body.members.get("payload");
    const payload = body.text.slice(span?.start, span?.end);
    const submission = toEventJob(principal.organizationId, requestIdOf(res), fields.value, payload);
    const acceptance = await acceptEvent(deps, submission, { key }, deadline);
    if (acceptance.outcome === "duplicate" && on_duplicate === "refuse") {
      throw new DomainError("duplicate_event", "An event with this dedup_id was accepted before.", {
        extra: { id: acceptance.firstId, event_id: acceptance.firstId, duplicate: true },
      });
    }
    sendAcceptance(res, acceptance, { type: fields.value.type, warnings: fields.warnings });
  };
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
    created_at: new Date(timeOfId(id)),
    message: isDuplicate ? "The event was accepted before." : "The event is durable.",
    ...(warnings.length > 0 ? { warnings } : {}),
  };
  sendJson(res, 202, answer);
}
