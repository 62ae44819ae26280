import { findEventIntent } from "@triggers/db";
import { DomainError, isUuid } from "@triggers/domain";
import type { Route } from "../http/route-table.ts";
import { sendJsonText } from "../http/send-json.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { eventHistoryText, queuedEventText } from "./event-view.ts";
import { getEvent, type LookupDeps } from "./find-event.ts";
import { getEventOperation } from "./operations.ts";
import type { BatchDeps } from "./publish-items.ts";
import { publishBatchRoute } from "./publish-batch.ts";
import { publishEventRoute } from "./publish-event.ts";

export type EventDeps = BatchDeps & LookupDeps & { admit: Admit };

export function eventRoutes(deps: EventDeps): Route[] {
  return [
    publishEventRoute(deps),
    publishBatchRoute(deps),
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
          const intent = await findEventIntent(deps.db, organizationId, id).catch(() => undefined);
          sendJsonText(res, 200, queuedEventText(id, found.queued, intent));
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
