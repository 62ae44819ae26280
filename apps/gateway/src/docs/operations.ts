import Joi from "joi";
import { inJsonSchema } from "../http/answer-schema.ts";
import type { Operation } from "../http/operation.ts";

const htmlPage = { description: "A page.", schema: Joi.string(), mediaType: "text/html" };

const operation = (id: string, summary: string, more: Partial<Operation> = {}): Operation => ({
  id,
  tag: "Operations",
  summary,
  access: "public",
  answers: { 200: htmlPage },
  ...more,
});

export const openApiOperation = operation("getOpenApi", "Get this document", {
  answers: {
    200: {
      description: "OpenAPI 3.1.",
      schema: Joi.object()
        .unknown()
        .meta(inJsonSchema({ required: ["openapi", "info", "paths"] })),
    },
  },
});
export const referenceOperation = operation("showReference", "Read the reference");
export const redocOperation = operation("redirectToReference", "Go to the reference", {
  answers: { 302: { description: "The reference is at `/docs`.", headers: { Location: "`/docs`." } } },
});
export const errorListOperation = operation("listErrors", "Read about all error codes");
export const errorOperation = operation("showError", "Read about an error code", { problems: ["not_found"] });
