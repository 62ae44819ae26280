import { DomainError, jsonItems, readJsonText } from "@triggers/domain";
import type { SplitBatch } from "../events/split-batch.ts";
import { maxBatchItems } from "../events/event-schema.ts";

/** The texts of a batch in the JSON batch format; it may be empty (json-format.md §4). */
export function splitCloudEvents(body: Buffer): SplitBatch {
  const read = readJsonText(body, (text): unknown => JSON.parse(text));
  if (!read.ok) return read;
  const { text, value } = read;
  if (!Array.isArray(value)) return refuse("must be a JSON array of CloudEvents");
  if (value.length > maxBatchItems) return refuse(`must have at most ${maxBatchItems} events`);
  const texts = jsonItems(text, text.indexOf("[")).map(({ start, end }) => text.slice(start, end));
  return { ok: true, texts, pointer: "", areChecked: true };
}

function refuse(detail: string): SplitBatch {
  const fields = [{ pointer: "", detail }];
  return {
    ok: false,
    error: new DomainError("invalid_request", "The batch cannot be accepted.", { fields }),
  };
}
