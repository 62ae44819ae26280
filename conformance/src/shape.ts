/** What a value has to be, in words and as a test. */
export interface Matcher {
  says: string;
  matches(value: unknown): boolean;
}

/** A literal, a matcher, an object of which more may be there than is named, or a list, not empty, whose every item is so. */
export type Shape = string | number | boolean | null | Matcher | Shape[] | { [name: string]: Shape };

const matcher = (says: string, matches: Matcher["matches"]): Matcher => ({ says, matches });
const isText = (value: unknown): value is string => typeof value === "string";

export const text = matcher("text", (value) => isText(value) && value !== "");
export const count = matcher("a whole number", (value) => Number.isInteger(value) && Number(value) >= 0);
export const flag = matcher("true or false", (value) => typeof value === "boolean");
export const absent = matcher("no such field", (value) => value === undefined);
export const list = matcher("a list", Array.isArray);
export const map = matcher(
  "an object",
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);
export const uuidV7 = matcher(
  "a UUIDv7",
  (value) =>
    isText(value) && /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(value),
);
export const timestamp = matcher(
  "an RFC 3339 UTC timestamp with milliseconds",
  (value) => isText(value) && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value),
);
export const apiKey = matcher(
  "trg_live_<key id>_<secret>",
  (value) => isText(value) && /^trg_live_[^_]+_\S{43,}$/.test(value),
);

export const orNull = (other: Matcher) =>
  matcher(`${other.says} or null`, (value) => value === null || other.matches(value));
export const matching = (pattern: RegExp) =>
  matcher(String(pattern), (value) => isText(value) && pattern.test(value));
export const oneOf = (...values: unknown[]) =>
  matcher(`one of ${JSON.stringify(values)}`, (value) => values.includes(value));

const isMatcher = (shape: Shape): shape is Matcher =>
  typeof shape === "object" && shape !== null && "matches" in shape && typeof shape.matches === "function";

const show = (value: unknown) => (value === undefined ? "nothing" : JSON.stringify(value));

/** Where a value is not as it should be: what was expected there and what it is; undefined when all is well. */
export function differenceOf(
  value: unknown,
  shape: Shape,
  place = "the answer",
): { expected: string; got: string } | undefined {
  if (isMatcher(shape)) {
    return shape.matches(value) ? undefined : { expected: `${place} to be ${shape.says}`, got: show(value) };
  }
  if (typeof shape !== "object" || shape === null) {
    return value === shape ? undefined : { expected: `${place} to be ${show(shape)}`, got: show(value) };
  }
  if (Array.isArray(shape)) {
    const [item] = shape;
    if (!Array.isArray(value) || value.length === 0 || item === undefined) {
      return { expected: `${place} to be a list that is not empty`, got: show(value) };
    }
    return value.map((one, index) => differenceOf(one, item, `${place}[${index}]`)).find(Boolean);
  }
  if (typeof value !== "object" || value === null) {
    return { expected: `${place} to be an object`, got: show(value) };
  }
  const fields = value as Record<string, unknown>;
  return Object.entries(shape)
    .map(([name, inner]) =>
      differenceOf(fields[name], inner, place === "the answer" ? name : `${place}.${name}`),
    )
    .find(Boolean);
}
