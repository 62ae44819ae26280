import type { Operation } from "../http/operation.ts";
import { auditLogAnswer, deadLetterListAnswer, retriedAnswer } from "./operator-answers.ts";
import { auditLogSchema, deadLetterListSchema } from "./operator-schemas.ts";

export const listDeadLettersOperation: Operation = {
  id: "listDeadLetters",
  tag: "Operator",
  summary: "List events that could never be stored",
  description: "Those that were not retried, the newest first, by the time of their acceptance.",
  access: "operator",
  query: deadLetterListSchema,
  answers: { 200: { description: "A page of dead letters.", schema: deadLetterListAnswer } },
};

export const retryDeadLetterOperation: Operation = {
  id: "retryDeadLetter",
  tag: "Operator",
  summary: "Put a dead letter's event back into the queue, under the same id",
  description:
    "If it fails once more, its letter is open again. A letter that was retried stays as it is; one whose event was " +
    "erased holds nothing that could be retried.",
  access: "operator",
  answers: { 202: { description: "The event is in the queue.", schema: retriedAnswer } },
  problems: ["not_found", "event_erased", "queue_unavailable", "not_ready"],
};

export const listAuditLogOperation: Operation = {
  id: "listAuditLog",
  tag: "Operator",
  summary: "List who changed what, the newest first",
  access: "operator",
  query: auditLogSchema,
  answers: { 200: { description: "A page of the audit log.", schema: auditLogAnswer } },
};
