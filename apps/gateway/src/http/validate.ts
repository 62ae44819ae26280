import { DomainError, type FieldError } from "@triggers/domain";
import { distance } from "fastest-levenshtein";
import type { ObjectSchema, ValidationErrorItem } from "joi";

export type Validation<T> =
  { ok: true; value: T; warnings: FieldError[] } | { ok: false; error: DomainError };

/**
 * Holds a request's fields against a schema and names every fault at once. Unknown fields are a fault, or a warning
 * where the route says so.
 */
export function check<T>(
  schema: ObjectSchema<T>,
  input: unknown,
  source: "body" | "query",
  unknown: "refuse" | "warn" = "refuse",
): Validation<T> {
  const result = schema.validate(input, { abortEarly: false });
  const faults = [...(result.error?.details ?? []), ...protoFaults(input)];
  const unknownFields = faults.filter(isUnknownField);
  const broken = faults.filter((fault) => unknown === "refuse" || !isUnknownField(fault));
  if (broken.length > 0) {
    const isOnlyUnknown = broken.length === unknownFields.length;
    const fields = onePerField(broken.map((fault) => toFieldError(schema, fault, source)));
    const detail =
      fields.length === 1
        ? `${fields[0]?.pointer ?? ""}: ${fields[0]?.detail ?? ""}`
        : `${fields.length} fields break their rules.`;
    return {
      ok: false,
      error: new DomainError(isOnlyUnknown ? "unknown_field" : "invalid_request", detail, { fields }),
    };
  }
  // With faults that are only warnings, Joi has still validated and kept everything else.
  return {
    ok: true,
    value: result.value as T,
    warnings: unknownFields.map((fault) => toFieldError(schema, fault, source)),
  };
}

/** As `check`, for routes that have nothing to do before the refusal. */
export function validate<T>(schema: ObjectSchema<T>, input: unknown, source: "body" | "query"): T {
  const result = check(schema, input, source);
  if (!result.ok) throw result.error;
  return result.value;
}

/** JSON can name a field so; in the copy that Joi makes it is gone without a word. */
function protoFaults(input: unknown): ValidationErrorItem[] {
  const isThere = typeof input === "object" && input !== null && Object.hasOwn(input, "__proto__");
  return isThere ? [{ type: "object.unknown", path: ["__proto__"], message: "" }] : [];
}

/** A name that a map inside the body cannot hold (such as one with NUL) is a fault of its own, never a mere surprise. */
function isUnknownField({ type, path }: ValidationErrorItem): boolean {
  return type === "object.unknown" && path.length === 1;
}

/** Joi names every rule that a field breaks; the first is enough to find it. */
function onePerField(errors: FieldError[]): FieldError[] {
  return [...new Map(errors.toReversed().map((error) => [error.pointer, error])).values()].toReversed();
}

function toFieldError(
  schema: ObjectSchema,
  fault: ValidationErrorItem,
  source: "body" | "query",
): FieldError {
  const { present = [], peers = [] } = (fault.context ?? {}) as { present?: string[]; peers?: string[] };
  switch (fault.type) {
    case "object.unknown":
      return {
        pointer: toPointer(fault.path, source),
        detail: isUnknownField(fault)
          ? unknownDetail(schema, String(fault.path.at(-1)))
          : "has a name that is not allowed here",
      };
    // Joi lays these at the object's door; the first name is the current one, the others are of old.
    case "object.missing":
      return { pointer: toPointer([...fault.path, peers[0] ?? ""], source), detail: "is required" };
    case "object.xor":
    case "object.oxor":
      return {
        pointer: toPointer([...fault.path, present[1] ?? ""], source),
        detail: `is another name of "${present[0] ?? ""}"; send one of them`,
      };
    default:
      return { pointer: toPointer(fault.path, source), detail: fault.message.replace(/^"[^"]*" /, "") };
  }
}

/** RFC 6901 §3 for a body; a query parameter is named as it is. */
function toPointer(path: readonly (string | number)[], source: "body" | "query"): string {
  if (source === "query") return path.join(".");
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function unknownDetail(schema: ObjectSchema, name: string): string {
  const known = Object.keys((schema.describe() as { keys?: object }).keys ?? {});
  const nearest = known.sort((a, b) => distance(a, name) - distance(b, name))[0];
  // Two letters that changed places are a distance of two.
  const isNear = nearest !== undefined && distance(nearest, name) <= Math.max(2, nearest.length / 3);
  return isNear ? `is not known here; did you mean "${nearest}"?` : "is not known here";
}
