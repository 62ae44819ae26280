import { isUtf8 } from "node:buffer";
import { DomainError } from "./errors.ts";
import { findJsonFault } from "./find-json-fault.ts";
import { parseJson } from "./parse-json.ts";
import { scanJsonObject, type JsonLimits, type JsonSpan } from "./json-span.ts";

/** `value` is what JSON.parse made of `text`; `members` are the spans in `text` of its top-level values, as sent. */
export type ParsedJsonBody =
  | { ok: true; value: Record<string, unknown>; text: string; members: Map<string, JsonSpan> }
  | { ok: false; error: DomainError };

/** A body that is one JSON text; `value` is what `parse` made of it. */
export type JsonText<T> = { ok: true; text: string; value: T } | { ok: false; error: DomainError };

/**
 * Reads a request body that must be one JSON object (RFC 8259; a byte order mark is ignored, as §8.1 allows).
 * Refuses with `malformed_json` what is not UTF-8 or not JSON, saying where but never repeating the body, and with
 * `invalid_request` another top level and what `scanJsonObject` refuses. What the fields hold is not its business.
 */
export function parseJsonBody(body: Buffer, limits: JsonLimits): ParsedJsonBody {
  const read = readJsonText(body, parseJson);
  if (!read.ok) return read;
  const { text, value } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("invalid_request", "The body must be a JSON object.", "", "must be a JSON object");
  }
  const scan = scanJsonObject(text, limits);
  if (!scan.ok) return refuse("invalid_request", "The body cannot be accepted.", scan.pointer, scan.detail);
  return { ok: true, value: value as Record<string, unknown>, text, members: scan.members };
}

/** As `parseJsonBody`, for any value: `text` is the value as it was sent, without the space around it. */
export function parseJsonValue(
  body: Buffer,
  limits: JsonLimits,
): { ok: true; text: string } | { ok: false; error: DomainError } {
  const read = readJsonText(body, (text) => void JSON.parse(text));
  if (!read.ok) return read;
  // As the one item of an array its faults are found and named as anywhere else.
  const wrapped = `{"":${read.text}}`;
  const scan = scanJsonObject(wrapped, { maxDepth: limits.maxDepth + 1 });
  if (!scan.ok) {
    return refuse("invalid_request", "The body cannot be accepted.", scan.pointer.slice(1), scan.detail);
  }
  const span = scan.members.get("");
  return { ok: true, text: wrapped.slice(span?.start, span?.end) };
}

/** Refuses with `malformed_json` what is not UTF-8, or what `parse` (JSON.parse, or the like of it) throws at. */
export function readJsonText<T>(body: Buffer, parse: (text: string) => T): JsonText<T> {
  if (!isUtf8(body)) return refuse("malformed_json", "The body is not valid UTF-8.");
  const sent = body.toString("utf8");
  const text = sent.startsWith("\ufeff") ? sent.slice(1) : sent;
  try {
    return { ok: true, text, value: parse(text) };
  } catch {
    // The caught error is dropped on purpose: its message repeats a part of the body.
    return refuse("malformed_json", describeFault(text));
  }
}

/** The search is slow: at 50 000 characters it would keep all other requests waiting for some milliseconds. */
const maxSearched = 4_096;

function describeFault(text: string): string {
  const searched = text.slice(0, maxSearched);
  const at = findJsonFault(searched) ?? searched.length;
  if (text.trim() === "") return "The body is empty; it must be a JSON object.";
  if (at === maxSearched && text.length > maxSearched)
    return `The body is not valid JSON: the fault lies beyond its first ${maxSearched} characters.`;
  if (at === text.length) return "The body is not valid JSON: it ends too early.";
  const before = text.slice(0, at).split("\n");
  const column = (before.at(-1) ?? "").length + 1;
  return `The body is not valid JSON: unexpected character at line ${before.length}, column ${column}.`;
}

function refuse(
  code: "malformed_json" | "invalid_request",
  message: string,
  pointer?: string,
  detail = "",
): { ok: false; error: DomainError } {
  const details = pointer === undefined ? {} : { fields: [{ pointer, detail }] };
  return { ok: false, error: new DomainError(code, message, details) };
}
