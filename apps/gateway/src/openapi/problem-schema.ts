import Joi from "joi";
import { answerSchema, component, inJsonSchema, old, uuid } from "../http/answer-schema.ts";
import { fieldErrorSchema } from "../http/field-error-schema.ts";

const text = Joi.string();

/** What `http/problem.ts` sends. */
export const problemSchema = answerSchema({
  type: text
    .description("Where the error is explained: `/docs/errors/<code>`.")
    .meta(inJsonSchema({ format: "uri-reference" })),
  title: text.description("The code's title, the same every time."),
  status: Joi.number().integer(),
  detail: text.description("What is wrong with this request, for people."),
  instance: text.description("The path of the request."),
  code: text.description("What programs branch on. Codes may be added."),
  retryable: Joi.boolean().description("Whether the same request may succeed later."),
  request_id: text.description("Names the request in the log."),
  errors: Joi.array()
    .items(fieldErrorSchema)
    .optional()
    .description("Every fault of the request, by its place."),
  id: uuid.optional().description("With `duplicate_event`: the first event."),
  event_id: uuid.optional().meta(old).description("The old name of `id`."),
  duplicate: Joi.boolean().valid(true).optional().description("With `duplicate_event`."),
  limit_bytes: Joi.number().integer().optional().description("With `payload_too_large`."),
  error: text.meta(old).description("Repeats `detail`."),
}).meta(component("Problem"));
