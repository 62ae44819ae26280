import { isUuid } from "@triggers/domain";
import Joi from "joi";
import { inJsonSchema } from "./answer-schema.ts";

/** The id of something, in either case; it is lower-case from here on. */
export const uuidText = Joi.string()
  .custom((value: string, helpers) => (isUuid(value) ? value.toLowerCase() : helpers.error("id.uuid")))
  .meta(inJsonSchema({ format: "uuid", pattern: "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$" }))
  .messages({ "id.uuid": "must be a UUID" });
