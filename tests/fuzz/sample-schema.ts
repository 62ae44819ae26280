import { randomUUID } from "node:crypto";
import { hostileValues } from "./hostile-values.ts";
import type { Random } from "./random.ts";

type Schema = Record<string, unknown>;

/**
 * A value that a JSON Schema more or less allows, with something hostile in its place now and then: what lies just
 * beside the rules finds more than what is far from them. `root` resolves references.
 */
export function sampleSchema(root: Schema, schema: Schema, random: Random, depth = 0): unknown {
  if (random.oneIn(12)) return random.pick(hostileValues);
  const again = (part: unknown) => sampleSchema(root, (part ?? {}) as Schema, random, depth + 1);
  if (typeof schema.$ref === "string") return again(resolve(root, schema.$ref));
  if ("const" in schema) return schema.const;
  if (Array.isArray(schema.enum)) return random.pick(schema.enum as unknown[]);
  const choices = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  if (choices && !schema.properties) return again(random.pick(choices));
  if (Array.isArray(schema.examples) && random.oneIn(2)) return random.pick(schema.examples as unknown[]);
  const types = Array.isArray(schema.type) ? (schema.type as string[]) : [schema.type as string | undefined];
  switch (random.pick(types)) {
    case "object":
      return sampleObject(schema, random, again);
    case "array": {
      const most = Math.min(Number(schema.maxItems ?? 3), depth > 3 ? 1 : 4);
      return Array.from({ length: random.int(most + 1) }, () => again(schema.items));
    }
    case "integer":
    case "number":
      return sampleNumber(schema, random);
    case "boolean":
      return random.oneIn(2);
    case "null":
      return null;
    case "string":
      return sampleText(schema, random);
    case undefined:
    default:
      return random.pick([{ a: 1 }, "a", 1]);
  }
}

function sampleObject(schema: Schema, random: Random, again: (part: unknown) => unknown): unknown {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  const entries = Object.entries(properties)
    .filter(([name]) => (required.includes(name) ? !random.oneIn(15) : random.oneIn(3)))
    .map(([name, property]) => [name, again(property)]);
  if (typeof schema.additionalProperties === "object" && random.oneIn(2))
    entries.push([random.pick(["a", "b", "\0", "__proto__", ""]), again(schema.additionalProperties)]);
  if (random.oneIn(20)) entries.push(["unheard_of", 1]);
  return Object.fromEntries(entries);
}

function sampleNumber(schema: Schema, random: Random): number {
  const [low, high] = [Number(schema.minimum ?? 0), Number(schema.maximum ?? 1_000)];
  return random.pick([low, high, low - 1, high + 1, low + random.int(Math.min(1_000, high - low + 1))]);
}

function sampleText(schema: Schema, random: Random): string {
  if (schema.format === "uuid") return random.pick([randomUUID(), "01890000-0000-7000-8000-000000000000"]);
  if (schema.format === "date-time")
    return random.pick(["2026-01-01T00:00:00.000Z", "1969-12-31T23:59:59Z", "2999-01-01T00:00:00+14:00"]);
  if (schema.format === "uri")
    return random.pick(["http://127.0.0.1:9/", "http://[::1]/", "https://user:x@a.b/"]);
  const longest = Math.min(Number(schema.maxLength ?? 40), 40);
  return "abc.DEF-1/é x".repeat(4).slice(0, Math.max(Number(schema.minLength ?? 0), random.int(longest + 1)));
}

function resolve(root: Schema, reference: string): unknown {
  return reference
    .slice(2)
    .split("/")
    .reduce<unknown>((at, part) => (at as Schema)[part], root);
}
