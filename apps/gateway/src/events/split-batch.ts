import { isUtf8 } from "node:buffer";
import { DomainError, jsonItems, readJsonText, scanJsonEnvelope } from "@triggers/domain";
import type { Request } from "express";
import { bodyOf, mediaTypeOf, unsupportedMediaType } from "../http/read-body.ts";
import { check } from "../http/validate.ts";
import { batchEnvelopeSchema, maxBatchItems } from "./event-schema.ts";

/**
 * The texts of a batch's items, and the pointer to what holds them; or the refusal of the whole. Lines are not checked
 * yet: each may still be no JSON.
 */
export type SplitBatch =
  { ok: true; texts: string[]; pointer: string; areChecked: boolean } | { ok: false; error: DomainError };

/** `{"events": [...]}`, or one event per line where the content type says so. */
export function splitBatch(req: Request): SplitBatch {
  const mediaType = mediaTypeOf(req);
  if (mediaType === "application/x-ndjson" || mediaType === "application/ndjson")
    return splitLines(bodyOf(req));
  if (mediaType === "application/json") return splitEnvelope(bodyOf(req));
  const sentence = "Send the batch as `Content-Type: application/json` or `application/x-ndjson`, in UTF-8.";
  return { ok: false, error: unsupportedMediaType(sentence) };
}

function splitEnvelope(body: Buffer): SplitBatch {
  // Parsed for its grammar alone: each item is read on its own later.
  const read = readJsonText(body, (text): unknown => JSON.parse(text));
  if (!read.ok) return read;
  const { text, value } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refuse("The body must be a JSON object.", "", 'must be a JSON object with "events"');
  }
  const scan = scanJsonEnvelope(text);
  if (!scan.ok) return refuse("The body cannot be accepted.", scan.pointer, scan.detail);
  const span = scan.members.get("events");
  const items = span && text[span.start] === "[" ? jsonItems(text, span.start) : undefined;
  const names = [...scan.members.keys()].map((name): [string, unknown] => [name, true]);
  const envelope = { ...Object.fromEntries(names), ...(items ? { events: items } : {}) };
  const checked = check(batchEnvelopeSchema, envelope, "body");
  if (!checked.ok) return checked;
  const texts = (items ?? []).map(({ start, end }) => text.slice(start, end));
  return { ok: true, texts, pointer: "/events", areChecked: true };
}

function splitLines(body: Buffer): SplitBatch {
  if (!isUtf8(body)) {
    return { ok: false, error: new DomainError("malformed_json", "The body is not valid UTF-8.") };
  }
  const texts = body
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  if (texts.length >= 1 && texts.length <= maxBatchItems) {
    return { ok: true, texts, pointer: "", areChecked: false };
  }
  return refuse("The batch cannot be accepted.", "", `must have 1 to ${maxBatchItems} lines`);
}

function refuse(message: string, pointer: string, detail: string): { ok: false; error: DomainError } {
  return { ok: false, error: new DomainError("invalid_request", message, { fields: [{ pointer, detail }] }) };
}
