import type { Operation } from "../http/operation.ts";
import { eventHistoryAnswer } from "./event-answers.ts";
import { eventListAnswer } from "./event-list-answers.ts";
import { eventListSchema } from "./event-list-schema.ts";

export const getEventOperation: Operation = {
  id: "getEvent",
  tag: "Events",
  summary: "Show an event with its deliveries and their attempts",
  description: "From the moment of its 202 on: what is not persisted yet has the status `accepted`.",
  access: "read",
  answers: { 200: { description: "The event.", schema: eventHistoryAnswer } },
  problems: ["not_found"],
};

export const listEventsOperation: Operation = {
  id: "listEvents",
  tag: "Events",
  summary: "List or export events, newest first",
  description:
    "In the order in which they were persisted. With `Accept: application/x-ndjson` or `text/csv` everything that " +
    "matches is streamed, `limit` events at most when it is given. An event that was accepted and is not persisted " +
    "yet is not in the list; `GET /api/events/{id}` finds it.",
  access: "read",
  query: eventListSchema,
  answers: {
    200: {
      description: "A page of events; or all of them, one a line, in the other media types",
      schema: eventListAnswer,
    },
  },
  problems: ["invalid_request", "unknown_field", "database_unavailable"],
};

export const eraseEventOperation: Operation = {
  id: "eraseEvent",
  tag: "Events",
  summary: "Erase an event's content",
  description:
    "For requests of data protection. Payload, metadata and the headers and bodies of all receivers' answers are " +
    "erased, open deliveries are cancelled, and the event leaves the inbox, also when it is not persisted yet. " +
    "That there was an event stays: its id, type, `dedup_id`, `subscriber`, times and attempts, with `payload` null " +
    "and `erased_at`. A request to an endpoint that is under way cannot be called back.",
  access: "admin",
  answers: { 204: { description: "Erased, now or before" } },
  problems: ["invalid_request", "not_found", "queue_unavailable", "database_unavailable"],
};
