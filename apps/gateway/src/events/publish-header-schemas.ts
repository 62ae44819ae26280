import Joi from "joi";
import { timestamp } from "./event-schema.ts";

const text = Joi.string();
const idempotencyKey = text
  .max(255)
  .description("Makes the request repeatable: with the same body it is answered as the first time.");

export const idempotencyHeaders = Joi.object({ "idempotency-key": idempotencyKey });

/** Those of CloudEvents in binary mode are checked as the attributes that they hold; extensions are `ce-` headers too. */
export const publishHeaders = Joi.object({
  "idempotency-key": idempotencyKey,
  "ce-specversion": text.valid("1.0").description("Of a CloudEvent in binary mode, whose data is the body."),
  "ce-id": text.description("Of a CloudEvent in binary mode; with `ce-source` it makes a repeat."),
  "ce-source": text.description("Of a CloudEvent in binary mode."),
  "ce-type": text.description("Of a CloudEvent in binary mode: the event's type."),
  "ce-subject": text.description("Of a CloudEvent in binary mode."),
  "ce-time": timestamp.description("Of a CloudEvent in binary mode: when it happened."),
  "ce-dataschema": text.description("Of a CloudEvent in binary mode."),
});
