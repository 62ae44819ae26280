import type { ErrorCode, FieldError } from "@triggers/domain";
import Joi from "joi";
import { answerSchema, component, timestamp, uuid } from "../http/answer-schema.ts";
import { fieldErrorSchema } from "../http/field-error-schema.ts";
import { eventFields } from "./event-answers.ts";

export interface Accepted {
  id: string;
  event_id: string;
  duplicate?: true;
  type: string;
  status: "accepted";
  /** As text: JSON.stringify writes a Date several times slower. */
  created_at: string;
  message: string;
  warnings?: FieldError[];
}

const text = Joi.string();
const faults = Joi.array().items(fieldErrorSchema).optional();
const warnings = faults.description(
  "What was accepted but may not be meant: fields that are not known here.",
);

export const acceptedAnswer = answerSchema({
  id: eventFields.id,
  event_id: eventFields.event_id,
  duplicate: Joi.boolean()
    .valid(true)
    .optional()
    .description("The event was accepted before; `id` names the first one."),
  type: text,
  status: text.valid("accepted"),
  created_at: timestamp,
  message: text.description("For people; not for programs."),
  warnings,
}).meta(component("AcceptedEvent"));

export interface BatchResult {
  index: number;
  status: "accepted" | "duplicate" | "rejected";
  id?: string;
  created_at?: string;
  error?: { code: ErrorCode; detail: string; errors?: FieldError[] };
  warnings?: FieldError[];
}

export interface BatchAnswer {
  accepted: number;
  duplicates: number;
  rejected: number;
  results: BatchResult[];
}

const count = Joi.number().integer().min(0);

const batchResult = answerSchema({
  index: count.description("The place of the event in the batch, from 0."),
  status: text.valid("accepted", "duplicate", "rejected"),
  id: uuid.optional().description("Of the event; for a duplicate, of the first one. Missing when rejected."),
  created_at: timestamp.optional(),
  error: answerSchema({
    code: text.description("As `code` of a problem document."),
    detail: text,
    errors: faults.description("The broken fields; pointers lead into the event."),
  })
    .optional()
    .description("Why the event was rejected."),
  warnings,
}).meta(component("BatchResult"));

export const batchAnswer = answerSchema({
  accepted: count,
  duplicates: count,
  rejected: count,
  results: Joi.array().items(batchResult).description("One per event, in order."),
}).meta(component("AcceptedBatch"));
