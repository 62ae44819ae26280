import Joi, { type ObjectSchema, type Schema } from "joi";

/** The schema of an answer's body: every field is there, unless it is marked `.optional()`. */
export function answerSchema(fields: Record<string, Schema>): ObjectSchema {
  return Joi.object(
    Object.fromEntries(
      Object.entries(fields).map(([name, schema]) => {
        const { flags } = schema.describe() as { flags?: { presence?: string } };
        return [name, flags?.presence === "optional" ? schema : schema.required()];
      }),
    ),
  );
}

/** Names the schema in the OpenAPI document, so that it stands there once and generated clients have a type for it. */
export function component(name: string) {
  return { component: name };
}

/** What Joi's own JSON Schema cannot say; it is laid over that of the schema it is the `.meta()` of. */
export function inJsonSchema(jsonSchema: Record<string, unknown>) {
  return { jsonSchema };
}

/** A field that existing clients know and new ones should not use. */
export const old = inJsonSchema({ deprecated: true });

export const uuid = Joi.string().guid();
/** RFC 3339 in UTC with milliseconds. */
export const timestamp = Joi.string().isoDate();
