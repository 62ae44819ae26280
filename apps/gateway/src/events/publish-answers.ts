import type { ErrorCode, FieldError } from "@triggers/domain";
import Joi from "joi";

export interface Accepted {
  id: string;
  event_id: string;
  duplicate?: true;
  type: string;
  status: "accepted";
  created_at: Date;
  message: string;
  warnings?: FieldError[];
}

const uuid = Joi.string().guid();

const faultsSchema = Joi.array().items(
  Joi.object({ pointer: Joi.string().allow("").required(), detail: Joi.string().required() }),
);

const warningsSchema = faultsSchema.description(
  "What was accepted but may not be meant: fields that are not known here.",
);

export const acceptedSchema = Joi.object({
  id: uuid.required(),
  event_id: uuid.required().description("Repeats `id` for older clients."),
  duplicate: Joi.boolean()
    .valid(true)
    .description("The event was accepted before; `id` names the first one."),
  type: Joi.string().required(),
  status: Joi.string().valid("accepted").required(),
  created_at: Joi.string().isoDate().required(),
  message: Joi.string().required(),
  warnings: warningsSchema,
});

export interface BatchResult {
  index: number;
  status: "accepted" | "duplicate" | "rejected";
  id?: string;
  created_at?: Date;
  error?: { code: ErrorCode; detail: string; errors?: FieldError[] };
  warnings?: FieldError[];
}

export interface BatchAnswer {
  accepted: number;
  duplicates: number;
  rejected: number;
  results: BatchResult[];
}

const count = Joi.number().integer().min(0).required();

export const batchAnswerSchema = Joi.object({
  accepted: count,
  duplicates: count,
  rejected: count,
  results: Joi.array()
    .items(
      Joi.object({
        index: Joi.number()
          .integer()
          .min(0)
          .required()
          .description("The place of the event in the batch, from 0."),
        status: Joi.string().valid("accepted", "duplicate", "rejected").required(),
        id: uuid.description("Of the event; for a duplicate, of the first one. Missing when rejected."),
        created_at: Joi.string().isoDate(),
        error: Joi.object({
          code: Joi.string().required().description("As `code` of a problem document."),
          detail: Joi.string().required(),
          errors: faultsSchema.description("The broken fields; pointers lead into the event."),
        }).description("Why the event was rejected."),
        warnings: warningsSchema,
      }),
    )
    .required(),
});
