import { listEvents } from "@triggers/db";
import type { RequestHandler } from "express";
import type { Route } from "../http/route-table.ts";
import { sendJsonText } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { csvHead, csvLine } from "./event-csv.ts";
import { eventListSchema, gatherMetadata } from "./event-list-schema.ts";
import { eventPageText, pageOf } from "./event-page.ts";
import { eventText } from "./event-view.ts";
import { type ExportDeps, exportEvents, type ExportFormat } from "./export-events.ts";
import { listEventsOperation } from "./operations.ts";

const formats: Record<"application/x-ndjson" | "text/csv", ExportFormat> = {
  "application/x-ndjson": {
    mediaType: "application/x-ndjson; charset=utf-8",
    fileName: "events.ndjson",
    head: "",
    line: (event) => `${eventText(event)}\n`,
  },
  "text/csv": {
    mediaType: "text/csv; charset=utf-8; header=present",
    fileName: "events.csv",
    head: csvHead,
    line: csvLine,
  },
};

export type EventListDeps = ExportDeps & { admit: Admit };

export function eventListRoutes(deps: EventListDeps): Route[] {
  return [
    {
      method: "get",
      path: "/api/events",
      operation: listEventsOperation,
      handlers: [deps.admit("read"), showEvents(deps)],
    },
  ];
}

function showEvents(deps: EventListDeps): RequestHandler {
  return async (req, res) => {
    const query = validate(eventListSchema, gatherMetadata(req.query), "query");
    const { limit, ...page } = pageOf(query);
    const selection = {
      organizationId: principalOf(res).organizationId,
      eventType: query.event_type,
      status: query.status,
      subscriber: query.subscriber,
      dedupId: query.dedup_id,
      metadata: query.metadata,
      ...page,
    };
    res.vary("Accept");
    const type = req.accepts(["application/json", "application/x-ndjson", "text/csv"]);
    if (type === "application/x-ndjson" || type === "text/csv") {
      // The default of a page is no limit that anybody asked for.
      const atMost = req.query.limit === undefined ? Infinity : query.limit;
      await exportEvents(deps, res, { selection, atMost, format: formats[type] });
      return;
    }
    const found = await listEvents(deps.db, { ...selection, limit });
    sendJsonText(res, 200, eventPageText(found, { limit, after: page.after }));
  };
}
