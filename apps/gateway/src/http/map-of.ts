import Joi, { type ObjectSchema, type Schema } from "joi";

/** A map of names to values. `__proto__` is refused as a name: in the copy that Joi makes, such a pair is lost. */
export function mapOf(name: Schema, value: Schema): ObjectSchema {
  return Joi.object()
    .pattern(name, value)
    .custom((map: object, helpers) => {
      const { original } = helpers as { original: object };
      return Object.hasOwn(original, "__proto__") ? helpers.error("map.proto") : map;
    })
    .messages({ "map.proto": 'must not have the name "__proto__"' });
}
