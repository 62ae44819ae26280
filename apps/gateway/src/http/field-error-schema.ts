import Joi from "joi";
import { answerSchema, component } from "./answer-schema.ts";

export const fieldErrorSchema = answerSchema({
  pointer: Joi.string().allow("").description("A JSON Pointer into the body, or the name of a parameter."),
  detail: Joi.string(),
}).meta(component("FieldError"));
