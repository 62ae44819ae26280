import { afterJsonSpace } from "./after-json-space.ts";
import { endOfJsonItem } from "./end-of-json-item.ts";
import { endOfJsonString } from "./end-of-json-string.ts";
import { endOfJsonValue } from "./end-of-json-value.ts";
import { jsonPointerAt, toPointer } from "./json-pointer-at.ts";

/** Where a value stands: `text.slice(start, end)`. */
export interface JsonSpan {
  start: number;
  end: number;
}

export interface JsonLimits {
  /** How many objects and arrays may nest; the top-level object is the first of them, so 1 allows none inside it. */
  maxDepth: number;
}

export type JsonScan =
  | { ok: true; members: Map<string, JsonSpan> }
  | {
      ok: false;
      reason: "repeated_key" | "too_deep" | "not_finite";
      detail: string;
      /** JSON Pointer to the fault, or to its nearest ancestor that can be named in 256 characters. */
      pointer: string;
    };

/**
 * Finds the value of every top-level member, so that it can be kept as the bytes that were sent, and refuses what
 * JSON.parse lets pass: a repeated top-level name (escapes decoded: which one would be meant?), nesting beyond
 * `maxDepth`, and a number anywhere that is not finite as a double. Reports the first fault.
 *
 * PRECONDITION: JSON.parse has accepted `text`, and its top level is an object. That is why this pass need not check
 * the grammar.
 */
export function scanJsonObject(text: string, limits: JsonLimits): JsonScan {
  return scanMembers(text, limits, (start) => endOfJsonValue(text, start, limits.maxDepth - 1));
}

/**
 * As `scanJsonObject`, for an object that only wraps values that will each be checked on their own: of the faults it
 * knows the repeated name alone. Same precondition.
 */
export function scanJsonEnvelope(text: string): JsonScan {
  return scanMembers(text, { maxDepth: Infinity }, (start) => endOfJsonItem(text, start));
}

/** Where the items of the array that starts at `start` stand. Same precondition; a fault of an item is left to it. */
export function jsonItems(text: string, start: number): JsonSpan[] {
  const items: JsonSpan[] = [];
  let at = afterJsonSpace(text, start + 1);
  while (text[at] !== "]") {
    const end = endOfJsonItem(text, at);
    items.push({ start: at, end });
    at = afterJsonSpace(text, end);
    if (text[at] === ",") at = afterJsonSpace(text, at + 1);
  }
  return items;
}

function scanMembers(text: string, limits: JsonLimits, endOfValue: (start: number) => number): JsonScan {
  const members = new Map<string, JsonSpan>();
  let at = afterJsonSpace(text, text.indexOf("{") + 1);
  while (text[at] === '"') {
    const nameEnd = endOfJsonString(text, at);
    const name = decodeName(text, at, nameEnd);
    if (members.has(name)) {
      return {
        ok: false,
        reason: "repeated_key",
        detail: "appears more than once",
        pointer: toPointer([name]),
      };
    }
    const start = afterJsonSpace(text, afterJsonSpace(text, nameEnd) + 1);
    const end = endOfValue(start);
    if (end < 0) return refusal(text, ~end, limits);
    members.set(name, { start, end });
    // Past the comma, if there is one: after the closing brace no quote can follow.
    at = afterJsonSpace(text, afterJsonSpace(text, end) + 1);
  }
  return { ok: true, members };
}

function refusal(text: string, at: number, limits: JsonLimits): JsonScan {
  const pointer = jsonPointerAt(text, at);
  if (text[at] === "{" || text[at] === "[") {
    return {
      ok: false,
      reason: "too_deep",
      detail: `is nested deeper than ${limits.maxDepth} levels`,
      pointer,
    };
  }
  return { ok: false, reason: "not_finite", detail: "is a number beyond the range of a double", pointer };
}

function decodeName(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end - 1);
  return name.includes("\\") ? (JSON.parse(text.slice(start, end)) as string) : name;
}
