import {
  afterJsonSpace,
  DomainError,
  type FieldError,
  type JsonSpan,
  parseJson,
  scanJsonObject,
} from "@triggers/domain";
import { jsonLimits } from "../http/read-body.ts";
import { checkEventBody } from "./check-event-body.ts";
import type { EventBody } from "./event-schema.ts";
import { eventTooLarge, isTooLarge } from "./max-event-bytes.ts";

export type ReadItem =
  | { ok: true; fields: EventBody; payload: string; warnings: FieldError[] }
  | { ok: false; error: DomainError };

const parsedFields = new Set(["type", "dedup_id", "subscriber", "metadata", "occurred_at"]);

/** One event of a batch, under the rules of a single one. `text` is valid JSON; the payload is kept as it stands in it. */
export function readBatchItem(text: string): ReadItem {
  if (isTooLarge(text)) return refuse(eventTooLarge());
  if (text[afterJsonSpace(text, 0)] !== "{") return refuse(fault("", "must be a JSON object"));
  const scan = scanJsonObject(text, jsonLimits);
  if (!scan.ok) return refuse(fault(scan.pointer, scan.detail));
  const checked = checkEventBody(valueOf(text, scan.members));
  if (!checked.ok) return checked;
  const span = scan.members.get("payload");
  return {
    ok: true,
    fields: checked.value,
    payload: text.slice(span?.start, span?.end),
    warnings: checked.warnings,
  };
}

/** What the schema looks at: of the payload only that it is an object, of unknown fields only their names. */
function valueOf(text: string, members: Map<string, JsonSpan>): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [name, { start, end }] of members) {
    if (name === "payload") entries.push([name, text[start] === "{" ? {} : []]);
    else entries.push([name, parsedFields.has(name) ? parseJson(text.slice(start, end)) : true]);
  }
  return Object.fromEntries(entries);
}

function fault(pointer: string, detail: string): DomainError {
  return new DomainError("invalid_request", "The event cannot be accepted.", {
    fields: [{ pointer, detail }],
  });
}

function refuse(error: DomainError): { ok: false; error: DomainError } {
  return { ok: false, error };
}
