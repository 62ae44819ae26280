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
  const faults = result.error?.details ?? [];
  const unknownFields = faults.filter(({ type }) => type === "object.unknown");
  const broken = faults.filter((fault) => unknown === "refuse" || fault.type !== "object.unknown");
  if (broken.length > 0) {
    const isOnlyUnknown = broken.length === unknownFields.length;
    const fields = broken.map((fault) => toFieldError(schema, fault, source));
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

function toFieldError(
  schema: ObjectSchema,
  fault: ValidationErrorItem,
  source: "body" | "query",
): FieldError {
  const pointer =
    source === "query"
      ? fault.path.join(".")
      : fault.path.map((part) => `/${escapePointer(String(part))}`).join("");
  if (fault.type === "object.unknown")
    return { pointer, detail: unknownDetail(schema, String(fault.path.at(-1))) };
  return { pointer, detail: fault.message.replace(/^"[^"]*" /, "") };
}

function unknownDetail(schema: ObjectSchema, name: string): string {
  const known = Object.keys((schema.describe() as { keys?: object }).keys ?? {});
  const nearest = known.sort((a, b) => distance(a, name) - distance(b, name))[0];
  const isNear = nearest !== undefined && distance(nearest, name) <= Math.max(1, nearest.length / 3);
  return isNear ? `is not known here; did you mean "${nearest}"?` : "is not known here";
}

/** RFC 6901 §3. */
function escapePointer(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
