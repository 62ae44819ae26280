import { listInbox } from "@triggers/db";
import type { RequestHandler } from "express";
import { eventPageText, pageOf } from "../events/event-page.ts";
import type { Route } from "../http/route-table.ts";
import { sendJsonText } from "../http/send-json.ts";
import { validate } from "../http/validate.ts";
import { type Admit, principalOf } from "../keys/admission.ts";
import { inboxListSchema } from "./inbox-list-schema.ts";
import { longPoll } from "./long-poll.ts";
import { listInboxOperation, streamInboxOperation } from "./read-operations.ts";
import { type StreamDeps, streamInbox } from "./stream-inbox.ts";

export type InboxReadDeps = StreamDeps & { admit: Admit };

export function inboxReadRoutes(deps: InboxReadDeps): Route[] {
  return [
    {
      method: "get",
      path: "/api/inbox",
      operation: listInboxOperation,
      handlers: [deps.admit("read"), showInbox(deps)],
    },
    {
      method: "get",
      path: "/api/inbox/stream",
      operation: streamInboxOperation,
      handlers: [deps.admit("read"), streamInbox(deps)],
    },
  ];
}

function showInbox(deps: InboxReadDeps): RequestHandler {
  return async (req, res) => {
    const query = validate(inboxListSchema, req.query, "query");
    const page = {
      organizationId: principalOf(res).organizationId,
      selection: query.status,
      eventType: query.event_type,
      subscriber: query.subscriber,
      offset: query.offset,
      ...pageOf(query),
    };
    const waitMs = (query.wait_seconds ?? query.wait ?? 0) * 1_000;
    const text =
      waitMs > 0 && req.method !== "HEAD"
        ? await longPoll(deps, res, page, waitMs)
        : eventPageText(await listInbox(deps.db, page), { ...page, hasCount: true });
    if (!res.destroyed) sendJsonText(res, 200, text);
  };
}
