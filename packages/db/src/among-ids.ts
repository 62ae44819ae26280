import { type RawBuilder, sql } from "kysely";

/**
 * That a column of event ids is one of these. The range keeps a statement out of the days that none of them is of; the
 * list has it look for each by its key: with the range alone, a plan for all values reads whatever lies between.
 */
export function amongIds(column: string, ids: readonly string[]): RawBuilder<boolean> {
  const sorted = [...new Set(ids)].sort();
  const ref = sql.ref(column);
  return sql`(${ref} = ANY(${sorted}::uuid[]) AND ${ref} BETWEEN ${sorted[0]} AND ${sorted.at(-1)})`;
}
