import type { Operation } from "../http/operation.ts";
import { acknowledgedAnswer, batchAckAnswer } from "./inbox-answers.ts";
import { batchAckSchema } from "./inbox-schemas.ts";

export const acknowledgeEventOperation: Operation = {
  id: "acknowledgeEvent",
  tag: "Inbox",
  summary: "Acknowledge an event",
  description: "Again, and right after its 202 too, the same answer. Nothing is deleted.",
  access: "consume",
  answers: { 200: { description: "The event is acknowledged.", schema: acknowledgedAnswer } },
  problems: ["not_found"],
};

export const acknowledgeEventOldOperation: Operation = {
  ...acknowledgeEventOperation,
  id: "acknowledgeEventOld",
  summary: "Acknowledge an event (old path)",
  description: "The path that older clients know; use `POST /api/inbox/ack/{event_id}`.",
  isDeprecated: true,
};

export const acknowledgeEventsOperation: Operation = {
  id: "acknowledgeEvents",
  tag: "Inbox",
  summary: "Acknowledge up to 1 000 events, or a lease",
  description:
    "One result per id, in order; one failure harms no other. With `lease_id` only what that lease holds is " +
    "acknowledged, all of it unless `event_ids` names some. A lease whose time is over still counts for what nobody " +
    "else has leased since.",
  access: "consume",
  body: { schema: batchAckSchema, isRequired: true },
  answers: { 200: { description: "One result per id.", schema: batchAckAnswer } },
  problems: ["not_found", "lease_expired"],
};
