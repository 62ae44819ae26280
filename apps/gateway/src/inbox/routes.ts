import { listInbox } from "@triggers/db";
import type { RequestHandler } from "express";
import { eventPageText, pageOf } from "../events/event-page.ts";
import type { LookupDeps } from "../events/find-event.ts";
import { eventIdOf } from "../events/routes.ts";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson, sendJsonText } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { acknowledgeEvent } from "./acknowledge-event.ts";
import { acknowledgeBatch } from "./acknowledge-events.ts";
import { acknowledgeLeased } from "./acknowledge-leased.ts";
import { countResults } from "./held-results.ts";
import { batchAckSchema, inboxListSchema } from "./inbox-schemas.ts";
import {
  acknowledgeEventOldOperation,
  acknowledgeEventOperation,
  acknowledgeEventsOperation,
  listInboxOperation,
} from "./operations.ts";

export type InboxDeps = LookupDeps & { admit: Admit };

const readBody = createBodyReader(65_536);

export function inboxRoutes(deps: InboxDeps): Route[] {
  const ackOne = acknowledgeOne(deps);
  return [
    {
      method: "get",
      path: "/api/inbox",
      operation: listInboxOperation,
      handlers: [deps.admit("read"), showInbox(deps)],
    },
    {
      method: "post",
      path: "/api/inbox/ack/:event_id",
      operation: acknowledgeEventOperation,
      handlers: [deps.admit("consume"), ackOne],
    },
    // The path that older clients know.
    {
      method: "post",
      path: "/api/ack/:event_id",
      operation: acknowledgeEventOldOperation,
      handlers: [deps.admit("consume"), ackOne],
    },
    {
      method: "post",
      path: "/api/inbox/ack",
      operation: acknowledgeEventsOperation,
      handlers: [
        deps.admit("consume"),
        readBody,
        async (req, res) => {
          const { event_ids, lease_id } = validate(batchAckSchema, requireJsonObject(req), "body");
          const { organizationId } = principalOf(res);
          const results =
            lease_id === undefined
              ? await acknowledgeBatch(deps, organizationId, event_ids ?? [])
              : await acknowledgeLeased(deps, organizationId, lease_id, event_ids);
          const { done, failed } = countResults(results);
          sendJson(res, 200, { acknowledged: done, failed, results });
        },
      ],
    },
  ];
}

function showInbox(deps: InboxDeps): RequestHandler {
  return async (req, res) => {
    const query = validate(inboxListSchema, req.query, "query");
    const page = pageOf(query);
    const found = await listInbox(deps.db, {
      organizationId: principalOf(res).organizationId,
      selection: query.status,
      eventType: query.event_type,
      subscriber: query.subscriber,
      offset: query.offset,
      ...page,
    });
    sendJsonText(res, 200, eventPageText(found, { ...page, hasCount: true }));
  };
}

function acknowledgeOne(deps: InboxDeps): RequestHandler {
  return async (req, res) => {
    const id = eventIdOf(req.params.event_id);
    const acknowledgedAt = await acknowledgeEvent(deps, principalOf(res).organizationId, id);
    sendJson(res, 200, {
      id,
      event_id: id,
      status: "acknowledged",
      acknowledged_at: acknowledgedAt,
      success: true,
      message: "The event is acknowledged.",
    });
  };
}
