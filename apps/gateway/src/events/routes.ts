import { findAckIntent } from "@triggers/db";
import { DomainError, type EventJob, isUuid } from "@triggers/domain";
import type { RequestHandler } from "express";
import { createBodyReader, readJsonObject } from "../http/read-body.ts";
import { requestIdOf } from "../http/request-context.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson, sendJsonText } from "../http/send-json.ts";
import { check, validate } from "../http/validate.ts";
import { type Admit, admissionOf, principalOf } from "../keys/admission.ts";
import { rateLimitError } from "../limits/rate-limit-headers.ts";
import { acceptEvent, type AcceptDeps } from "./accept-event.ts";
import { eventSchema } from "./event-schema.ts";
import { eventHistoryText, queuedEventText } from "./event-view.ts";
import { getEvent, type LookupDeps } from "./find-event.ts";
import { getEventOperation, publishEventOperation } from "./operations.ts";
import { publishQuerySchema } from "./publish-query-schema.ts";

export type EventDeps = AcceptDeps & LookupDeps & { admit: Admit };

/** 256 KiB, by contract. */
const maxEventBytes = 262_144;

export function eventRoutes(deps: EventDeps): Route[] {
  return [
    {
      method: "post",
      path: "/api/events",
      operation: publishEventOperation,
      handlers: [deps.admit("publish"), createBodyReader(maxEventBytes), publishEvent(deps)],
    },
    {
      method: "get",
      path: "/api/events/:id",
      operation: getEventOperation,
      handlers: [
        deps.admit("read"),
        async (req, res) => {
          const id = eventIdOf(req.params.id);
          const { organizationId } = principalOf(res);
          const found = await getEvent(deps, organizationId, id);
          if ("stored" in found) {
            sendJsonText(res, 200, eventHistoryText(found.stored));
            return;
          }
          const acknowledgedAt = await findAckIntent(deps.db, organizationId, id).catch(() => undefined);
          sendJsonText(res, 200, queuedEventText(id, found.queued, acknowledgedAt));
        },
      ],
    },
  ];
}

export function eventIdOf(text: unknown): string {
  if (typeof text === "string" && isUuid(text)) return text.toLowerCase();
  throw new DomainError("invalid_request", "The event id is not a UUID.", {
    fields: [{ pointer: "event_id", detail: "must be a UUID" }],
  });
}

/** Every refusal comes here, in the contract's order, and before anything leaves the process. */
function publishEvent(deps: EventDeps): RequestHandler {
  return async (req, res) => {
    const { principal, grant, deadline } = admissionOf(res);
    const body = readJsonObject(req);
    if (!body.ok) throw body.error;
    const { on_duplicate } = validate(publishQuerySchema, req.query, "query");
    const fields = check(eventSchema, body.value, "body", "warn");
    if (!fields.ok) throw fields.error;
    if (grant.outcome !== "granted") throw rateLimitError(grant);

    const { type, dedup_id, subscriber, metadata, occurred_at } = fields.value;
    const span = body.members.get("payload");
    const job: EventJob = {
      v: 1,
      org: principal.organizationId,
      type,
      payload: body.text.slice(span?.start, span?.end),
      ...(dedup_id === undefined ? {} : { dedup: dedup_id }),
      ...(subscriber === undefined ? {} : { sub: subscriber }),
      ...(metadata === undefined ? {} : { meta: metadata }),
      ...(occurred_at === undefined ? {} : { at: Date.parse(occurred_at) }),
      req: requestIdOf(res),
    };
    const acceptance = await acceptEvent(deps, job, deadline);
    if (acceptance.outcome === "duplicate") {
      const duplicate = { id: acceptance.firstId, event_id: acceptance.firstId, duplicate: true };
      if (on_duplicate === "refuse") {
        throw new DomainError("duplicate_event", "An event with this dedup_id was accepted before.", {
          extra: duplicate,
        });
      }
      res.setHeader("Location", `/api/events/${acceptance.firstId}`);
      sendJson(res, 202, {
        ...duplicate,
        type,
        status: "accepted",
        message: "The event was accepted before.",
      });
      return;
    }
    res.setHeader("Location", `/api/events/${acceptance.id}`);
    sendJson(res, 202, {
      id: acceptance.id,
      event_id: acceptance.id,
      type,
      status: "accepted",
      created_at: acceptance.createdAt,
      message: "The event is durable.",
      ...(fields.warnings.length > 0 ? { warnings: fields.warnings } : {}),
    });
  };
}
