import { isEventType } from "@triggers/domain";
import { check, type Validation } from "../http/validate.ts";
import { type EventBody, eventSchema } from "./event-schema.ts";

/**
 * Holds an event against its schema. Most events have known fields only and none of the rarer ones: those are looked at
 * by hand, at a twentieth of the cost, and whatever is unusual is left to the schema. A test holds the two together.
 */
export function checkEventBody(body: Record<string, unknown>): Validation<EventBody> {
  const plain = plainEventBody(body);
  return plain ? { ok: true, value: plain, warnings: [] } : check(eventSchema, body, "body", "warn");
}

/** Undefined says nothing but that the schema must decide. */
function plainEventBody(body: Record<string, unknown>): EventBody | undefined {
  const { type, payload, dedup_id, subscriber } = body;
  const isPlain =
    typeof type === "string" &&
    isEventType(type) &&
    typeof payload === "object" &&
    payload !== null &&
    !Array.isArray(payload) &&
    isPlainText(dedup_id) &&
    isPlainText(subscriber) &&
    hasOnlyPlainFields(body);
  if (!isPlain) return undefined;
  return {
    type,
    payload,
    ...(dedup_id === undefined ? {} : { dedup_id }),
    ...(subscriber === undefined ? {} : { subscriber }),
  };
}

function hasOnlyPlainFields(body: Record<string, unknown>): boolean {
  for (const name of Object.keys(body)) {
    if (name !== "type" && name !== "payload" && name !== "dedup_id" && name !== "subscriber") return false;
  }
  return true;
}

function isPlainText(value: unknown): value is string | undefined {
  if (value === undefined) return true;
  return (
    typeof value === "string" &&
    value.length >= 1 &&
    value.length <= 255 &&
    !value.includes("\0") &&
    value.isWellFormed()
  );
}
