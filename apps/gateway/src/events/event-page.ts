import type { EventRow } from "@triggers/db";
import { lowestIdAt } from "@triggers/domain";
import Joi from "joi";
import { timeOfIds } from "../http/list-page.ts";
import { decodeCursor, encodeCursor } from "../inbox/cursor.ts";
import { eventText } from "./event-view.ts";

/** What every list of events takes. */
export interface PageQuery {
  limit: number;
  cursor?: string;
  order: "asc" | "desc";
  since?: Date;
  until?: Date;
}

/** Numbers out of range are refused, never clamped. */
export const pageQueryFields = {
  limit: Joi.number().integer().min(1).max(1_000).default(100),
  cursor: Joi.string()
    .max(64)
    .description("`next_cursor` or `end_cursor` of an earlier answer: goes on behind it."),
  since: timeOfIds.description("Only events that were accepted at or after this time."),
  until: timeOfIds.description("Only events that were accepted before this time."),
};

/** The query as the database takes it; one row more than asked for tells whether there are more. */
export function pageOf(query: PageQuery) {
  return {
    after: query.cursor === undefined ? undefined : decodeCursor(query.cursor),
    sinceId: query.since && lowestIdAt(query.since.getTime()),
    untilId: query.until && lowestIdAt(query.until.getTime()),
    order: query.order,
    limit: query.limit + 1,
  };
}

/** A page as JSON text, from one row more than fits. Where nothing was found, `end_cursor` stays where the reader was. */
export function eventPageText(
  found: readonly EventRow[],
  page: { limit: number; after: number | undefined; hasCount?: boolean },
): string {
  const events = found.slice(0, page.limit - 1);
  const hasMore = found.length >= page.limit;
  const endCursor = encodeCursor(events.at(-1)?.position ?? page.after ?? 0);
  const rest = {
    ...(page.hasCount ? { count: events.length } : {}),
    has_more: hasMore,
    next_cursor: hasMore ? endCursor : null,
    end_cursor: endCursor,
  };
  const texts = events.map((event) => eventText(event));
  return `{"events":[${texts.join(",")}],${JSON.stringify(rest).slice(1)}`;
}
