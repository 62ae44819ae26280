import type { FieldError } from "@triggers/domain";
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

export const uuid = Joi.string().guid();

export const warningsSchema = Joi.array()
  .items(Joi.object({ pointer: Joi.string().allow("").required(), detail: Joi.string().required() }))
  .description("What was accepted but may not be meant: fields that are not known here.");

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
