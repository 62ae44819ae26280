import { type SelectQueryBuilder, sql } from "kysely";
import type { DB } from "./schema.ts";

/** A page of a list that is ordered by UUIDv7s, and so by time. */
export interface PageOfIds {
  /** Only rows beyond this id, in the direction of `order`. */
  after?: string | undefined;
  /** Bounds on the time in the ids, as ids: from the first on, before the second. */
  sinceId?: string | undefined;
  untilId?: string | undefined;
  order: "asc" | "desc";
  limit: number;
}

export function pageById<Table extends keyof DB, Row>(
  rows: SelectQueryBuilder<DB, Table, Row>,
  idColumn: string,
  page: PageOfIds,
): SelectQueryBuilder<DB, Table, Row> {
  const id = sql.ref<string>(idColumn);
  let paged = rows;
  if (page.sinceId !== undefined) paged = paged.where(sql<boolean>`${id} >= ${page.sinceId}`);
  if (page.untilId !== undefined) paged = paged.where(sql<boolean>`${id} < ${page.untilId}`);
  if (page.after !== undefined) {
    const isBeyond = sql.raw(page.order === "asc" ? ">" : "<");
    paged = paged.where(sql<boolean>`${id} ${isBeyond} ${page.after}`);
  }
  return paged.orderBy(id, page.order).limit(page.limit);
}
