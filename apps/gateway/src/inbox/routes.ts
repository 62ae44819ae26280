import type { RequestHandler } from "express";
import type { LookupDeps } from "../events/find-event.ts";
import { eventIdOf } from "../events/routes.ts";
import { createBodyReader, requireJsonObject } from "../http/read-body.ts";
import type { Route } from "../http/route-table.ts";
import { sendJson } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { acknowledgeEvent } from "./acknowledge-event.ts";
import { acknowledgeBatch } from "./acknowledge-events.ts";
import { acknowledgeLeased } from "./acknowledge-leased.ts";
import { countResults } from "./held-results.ts";
import { batchAckSchema } from "./inbox-schemas.ts";
import {
  acknowledgeEventOldOperation,
  acknowledgeEventOperation,
  acknowledgeEventsOperation,
} from "./operations.ts";

export type InboxDeps = LookupDeps & { admit: Admit };

const readBody = createBodyReader(65_536);

export function inboxRoutes(deps: InboxDeps): Route[] {
  const ackOne = acknowledgeOne(deps);
  return [
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
