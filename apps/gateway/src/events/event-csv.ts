import type { EventRow } from "@triggers/db";
import { eventFields } from "./event-view.ts";

const columns = [
  ...["id", "type", "subscriber", "dedup_id", "status", "inbox_status", "delivery_status", "attempts"],
  ...["response_status", "last_error", "occurred_at", "created_at", "updated_at", "metadata"],
] as const;

export const csvHead = `${[...columns, "payload"].join(",")}\r\n`;

/**
 * One record (RFC 4180). What a client chose and a spreadsheet would take for a formula gets an apostrophe in front
 * (OWASP, CSV injection). The payload stays as it was sent: JSON begins with none of these characters but the minus of a
 * number.
 */
export function csvLine(event: EventRow): string {
  const fields = eventFields(event) as Record<string, unknown>;
  const cells = columns.map((column) => cellOf(fields[column]));
  return `${[...cells, quoted(event.payload ?? "")].join(",")}\r\n`;
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "string") return quoted(JSON.stringify(value));
  return quoted(/^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value);
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
