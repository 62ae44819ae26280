import type { Schema } from "joi";

export type JsonSchema = Record<string, unknown>;

export interface Conversion {
  /** Schemas with a name of their own; what is met on the way is added. */
  components: Map<string, JsonSchema>;
  /** Of an answer: fields may be added to it later, so clients must not take the list for closed. */
  isAnswer: boolean;
  /** Filled with the places of rules that the document cannot know, because nothing beside them says what they mean. */
  unsaid: string[];
}

/** The part of Joi's `describe()` that its JSON Schema leaves out. */
interface Description {
  allow?: unknown[];
  metas?: { component?: string; jsonSchema?: JsonSchema }[];
  examples?: unknown[];
  rules?: { name: string }[];
  whens?: unknown[];
  keys?: Record<string, Description>;
  items?: Description[];
  matches?: { schema?: Description }[];
  patterns?: { rule: Description }[];
  dependencies?: { rel: string; peers: string[] }[];
}

/**
 * JSON Schema (draft 2020-12) of what a Joi schema accepts. Joi converts most itself; here comes what it drops or gets
 * wrong: examples, null among values, empty text beside a shortest length, `xor` and its kind, and the `.meta()` that
 * says what a custom rule means.
 */
export function jsonSchemaOf(schema: Schema, conversion: Conversion, path = ""): JsonSchema {
  const { "~standard": standard } = schema as unknown as {
    "~standard": { jsonSchema: { input(options: { target: string }): JsonSchema } };
  };
  const json = standard.jsonSchema.input({ target: "draft-2020-12" });
  return refine(schema.describe(), json, conversion, path);
}

function refine(from: Description, json: JsonSchema, conversion: Conversion, path: string): JsonSchema {
  const metas = from.metas ?? [];
  const said = metas.map(({ jsonSchema }) => jsonSchema).filter((text) => text !== undefined);
  const hasHiddenRule =
    from.whens !== undefined || from.rules?.some(({ name }) => name === "custom") === true;
  if (hasHiddenRule && said.length === 0) conversion.unsaid.push(path);

  const refined: JsonSchema = { ...json, ...refineParts(from, json, conversion, path) };
  delete refined["x-constraint"];
  // Said aloud: generators take an object of which nothing is said for an empty one.
  if (json.type === "object" && !json.properties) refined.additionalProperties ??= true;
  if (from.examples) refined.examples = from.examples;
  if (from.allow?.includes("")) delete refined.minLength;
  const values = refined.enum as unknown[] | undefined;
  if (values && from.allow?.includes(null)) refined.enum = [...values, null];
  if (conversion.isAnswer && refined.additionalProperties === false) delete refined.additionalProperties;
  Object.assign(refined, dependenciesOf(from), ...said);

  const name = metas.findLast((meta) => meta.component !== undefined)?.component;
  if (name === undefined) return refined;
  conversion.components.set(name, refined);
  return { $ref: `#/components/schemas/${name}` };
}

function refineParts(from: Description, json: JsonSchema, conversion: Conversion, path: string): JsonSchema {
  const parts: JsonSchema = {};
  const properties = json.properties as Record<string, JsonSchema> | undefined;
  if (properties && from.keys) {
    const { keys } = from;
    parts.properties = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [
        name,
        refine(keys[name] ?? {}, value, conversion, `${path}/${name}`),
      ]),
    );
  }
  const [item] = from.items ?? [];
  if (item && from.items?.length === 1 && json.items) {
    parts.items = refine(item, json.items as JsonSchema, conversion, `${path}/*`);
  }
  for (const branch of ["anyOf", "oneOf"]) {
    const schemas = json[branch] as JsonSchema[] | undefined;
    if (schemas?.length !== from.matches?.length) continue;
    parts[branch] = schemas?.map((one, n) =>
      refine(from.matches?.[n]?.schema ?? {}, one, conversion, `${path}/${n}`),
    );
  }
  // A map from any name: said as such, which generated clients understand better than a pattern for every name.
  const values = (json.patternProperties as Record<string, JsonSchema> | undefined)?.[".*"];
  const [pattern] = from.patterns ?? [];
  if (values && pattern && from.patterns?.length === 1) {
    parts.patternProperties = undefined;
    parts.additionalProperties = refine(pattern.rule, values, conversion, `${path}/*`);
  }
  return parts;
}

/** Rules about which fields go together. */
function dependenciesOf(from: Description): JsonSchema {
  const allOf: JsonSchema[] = [];
  for (const { rel, peers } of from.dependencies ?? []) {
    const oneEach = peers.map((name) => ({ required: [name] }));
    const together = peers.flatMap((a, n) => peers.slice(n + 1).map((b) => ({ required: [a, b] })));
    if (rel === "xor") allOf.push({ oneOf: oneEach });
    else if (rel === "or") allOf.push({ anyOf: oneEach });
    else if (rel === "oxor") allOf.push(...together.map((both) => ({ not: both })));
    else if (rel === "and") allOf.push({ anyOf: [{ required: peers }, { not: { anyOf: oneEach } }] });
    else if (rel === "nand") allOf.push({ not: { required: peers } });
    else throw new Error(`the document cannot say "${rel}" yet`);
  }
  return allOf.length === 0 ? {} : allOf.length === 1 ? { ...allOf[0] } : { allOf };
}
