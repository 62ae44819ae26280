import Joi from "joi";
import type { Operation } from "../http/operation.ts";
import { inboxAnswer } from "./inbox-answers.ts";
import { inboxListSchema } from "./inbox-list-schema.ts";
import { inboxStreamHeaders, inboxStreamSchema } from "./inbox-stream-schema.ts";

export const listInboxOperation: Operation = {
  id: "listInbox",
  tag: "Inbox",
  summary: "Read the inbox",
  description:
    "In the order of persistence; a reader that follows the cursor misses nothing. With `wait_seconds` an answer " +
    "without events comes only when that time is over, or when the service restarts: ask again with its `end_cursor`.",
  access: "read",
  query: inboxListSchema,
  answers: { 200: { description: "Events.", schema: inboxAnswer } },
  problems: ["too_many_waiters"],
};

export const streamInboxOperation: Operation = {
  id: "streamInbox",
  tag: "Inbox",
  summary: "Stream the inbox",
  description:
    "Server-sent events: every event of the organization, whatever its status, in the order of persistence, and then " +
    "those to come. Each has the event as in the list in `data:`, and in `id:` the cursor behind it. A client that " +
    "sends the last `id:` as `Last-Event-ID` goes on without a gap. Comments come every 15 s. The stream ends when " +
    "the service restarts (connect again) and when its key ends (a 401 follows).",
  access: "read",
  query: inboxStreamSchema,
  headers: inboxStreamHeaders,
  answers: {
    200: {
      description: "Blocks of `id:`, `event: message` and `data:` lines.",
      schema: Joi.string().example(
        'id: cDQy\nevent: message\ndata: {"id":"01890000-0000-7000-8000-000000000000","type":"user.created"}\n\n',
      ),
      mediaType: "text/event-stream",
      headers: { "Cache-Control": "`no-store`." },
    },
  },
  problems: ["too_many_waiters"],
};
