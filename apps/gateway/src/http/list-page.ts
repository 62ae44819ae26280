import type { PageOfIds } from "@triggers/db";
import { DomainError, isUuid, lowestIdAt } from "@triggers/domain";
import Joi from "joi";

/** What every list takes that is ordered by the time in its ids. */
export interface ListQuery {
  limit: number;
  cursor?: string;
  since?: Date;
  until?: Date;
  order: "asc" | "desc";
}

/** What the time bits of an id can hold. */
export const timeOfIds = Joi.date().iso().min("1970-01-01T00:00:00.000Z").max("9999-12-31T23:59:59.999Z");

export const listQueryKeys = {
  limit: Joi.number().integer().min(1).max(1_000).default(100),
  cursor: Joi.string()
    .max(64)
    .description("`next_cursor` or `end_cursor` of an earlier answer: goes on behind it."),
  since: timeOfIds.description("Only what was made at or after this time."),
  until: timeOfIds.description("Only what was made before this time."),
  order: Joi.string()
    .valid("asc", "desc")
    .default("desc")
    .description("By time; the newest first by default."),
};

/** The members of every list's answer beside its rows. */
export const pageAnswerKeys = {
  has_more: Joi.boolean().required(),
  next_cursor: Joi.string().allow(null).required().description("Null on the last page."),
  end_cursor: Joi.string().required().description("Where to go on from later."),
};

/** One row more than asked for tells whether there are more. */
export function pageOf(query: ListQuery): PageOfIds {
  return {
    after: query.cursor === undefined ? undefined : decodeIdCursor(query.cursor),
    sinceId: query.since && lowestIdAt(query.since.getTime()),
    untilId: query.until && lowestIdAt(query.until.getTime()),
    order: query.order,
    limit: query.limit + 1,
  };
}

export function pageAnswer<Row>(query: ListQuery, rows: readonly Row[], idOf: (row: Row) => string) {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const endCursor =
    last === undefined ? (query.cursor ?? encodeIdCursor(lowestIdAt(0))) : encodeIdCursor(idOf(last));
  const hasMore = rows.length > query.limit;
  return {
    shown,
    page: { has_more: hasMore, next_cursor: hasMore ? endCursor : null, end_cursor: endCursor },
  };
}

function encodeIdCursor(id: string): string {
  return Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");
}

function decodeIdCursor(cursor: string): string {
  const hex = Buffer.from(cursor, "base64url").toString("hex");
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  if (isUuid(id) && encodeIdCursor(id) === cursor) return id;
  throw new DomainError("invalid_request", "The cursor is not one that this API gave out.", {
    fields: [{ pointer: "cursor", detail: "is not a cursor of this list" }],
  });
}
