import type { Operation } from "../http/operation.ts";
import { acceptedAnswer, eventHistoryAnswer } from "./event-answers.ts";
import { eventSchema } from "./event-schema.ts";
import { publishQuerySchema } from "./publish-query-schema.ts";

const location = { Location: "Where the event is found: `/api/events/<id>`." };

export const publishEventOperation: Operation = {
  id: "publishEvent",
  tag: "Events",
  summary: "Send an event",
  description:
    "202 means that the event is on disk. After a 503 it may have been accepted: a retry with the same `dedup_id` " +
    "is safe. A field that is not known is no fault; the answer warns of it. At most 256 KiB.",
  access: "publish",
  query: publishQuerySchema,
  body: { schema: eventSchema, isRequired: true },
  answers: { 202: { description: "The event is durable.", schema: acceptedAnswer, headers: location } },
  problems: ["duplicate_event", "queue_unavailable", "queue_full"],
};

export const getEventOperation: Operation = {
  id: "getEvent",
  tag: "Events",
  summary: "Show an event with its deliveries and their attempts",
  description: "From the moment of its 202 on: what is not persisted yet has the status `accepted`.",
  access: "read",
  answers: { 200: { description: "The event.", schema: eventHistoryAnswer } },
  problems: ["not_found"],
};
