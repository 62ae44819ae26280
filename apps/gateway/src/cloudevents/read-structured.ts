import {
  afterJsonSpace,
  DomainError,
  type FieldError,
  type JsonSpan,
  parseJson,
  scanJsonObject,
} from "@triggers/domain";
import type { ReadSubmission } from "../events/publish-items.ts";
import { eventTooLarge, isTooLarge } from "../events/max-event-bytes.ts";
import { jsonLimits } from "../http/read-body.ts";
import { check } from "../http/validate.ts";
import { cloudEventSchema } from "./cloud-event-schema.ts";
import { type CloudEventData, type Origin, toSubmission } from "./to-submission.ts";

/** A CloudEvent in the JSON format. `text` is valid JSON; `data` is kept as it stands in it. */
export function readStructured(origin: Origin, text: string): ReadSubmission {
  if (isTooLarge(text)) return { ok: false, error: eventTooLarge() };
  if (text[afterJsonSpace(text, 0)] !== "{") return refuse("", "must be a JSON object");
  const scan = scanJsonObject(text, jsonLimits);
  if (!scan.ok) return refuse(scan.pointer, scan.detail);
  const checked = check(cloudEventSchema, attributesOf(text, scan.members), "body");
  if (!checked.ok) return checked;
  const { data_base64 } = checked.value;
  const span = scan.members.get("data");
  const data: CloudEventData =
    data_base64 === undefined
      ? { payload: span ? text.slice(span.start, span.end) : "null", encoding: span ? "json" : "none" }
      : { payload: JSON.stringify({ data_base64 }), encoding: "base64" };
  return {
    ok: true,
    submission: toSubmission(origin, checked.value, data),
    warnings: longNames(Object.keys(checked.value)),
  };
}

/** An attribute that is null counts as not set (json-format.md §2.2); `data` may be null. */
function attributesOf(text: string, members: Map<string, JsonSpan>): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const [name, { start, end }] of members) {
    if (name === "data") entries.push([name, true]);
    else if (text.slice(start, end) !== "null") entries.push([name, parseJson(text.slice(start, end))]);
  }
  return Object.fromEntries(entries);
}

/** spec.md: names should not have more than 20 characters. */
export function longNames(names: readonly string[]): FieldError[] {
  return names
    .filter((name) => name.length > 20)
    .map((name) => ({
      pointer: `/${name}`,
      detail: "is longer than 20 characters; other systems may refuse it",
    }));
}

function refuse(pointer: string, detail: string): ReadSubmission {
  const fields = [{ pointer, detail }];
  return {
    ok: false,
    error: new DomainError("invalid_request", "The event cannot be accepted.", { fields }),
  };
}
