import type { StoredEventStatus } from "@triggers/db";
import Joi from "joi";
import { storableText } from "../http/storable-text.ts";
import { type PageQuery, pageQueryFields } from "./event-page.ts";

export interface EventListQuery extends PageQuery {
  event_type?: string;
  status?: StoredEventStatus;
  subscriber?: string;
  dedup_id?: string;
  metadata?: Record<string, string>;
}

/** `metadata` comes as `metadata[name]=value`, once for each pair (`deepObject` in OpenAPI); an event must have them all. */
export const eventListSchema = Joi.object<EventListQuery>({
  event_type: storableText(255),
  status: Joi.string().valid("acknowledged", "quarantined", "failed", "delivered", "pending"),
  subscriber: storableText(255),
  dedup_id: storableText(255),
  metadata: Joi.object()
    .pattern(storableText(255), storableText(1_024).allow(""))
    .min(1)
    .max(20)
    .description("Pairs as `metadata[name]=value`; an event must have them all."),
  order: Joi.string().valid("asc", "desc").default("desc"),
  ...pageQueryFields,
});

/** Gathers `metadata[name]` parameters into one object; all others stay as they are. */
export function gatherMetadata(query: Record<string, unknown>): Record<string, unknown> {
  const pairs: [string, unknown][] = [];
  const others: [string, unknown][] = [];
  for (const [name, value] of Object.entries(query)) {
    const key = /^metadata\[(.*)\]$/s.exec(name)?.[1];
    // An object made from it would lose this name, and the list a filter.
    if (key === undefined || key === "__proto__") others.push([name, value]);
    else pairs.push([key, value]);
  }
  if (pairs.length === 0) return query;
  return Object.fromEntries([...others, ["metadata", Object.fromEntries(pairs)]]);
}
