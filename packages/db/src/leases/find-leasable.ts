import { sql } from "kysely";
import type { Database } from "../connect.ts";

/** The types of one pattern, as a range: from the first on, before the second, both in bytes' order. */
interface TypeRange {
  from: string;
  before: string;
}

/** Beyond what is asked for, because other consumers have their hands on some of the first ones. */
const spare = 1_000;

/**
 * The oldest events of these types that were never leased and that no webhook delivers, found without a look at any
 * other type. Undefined where there are many of a pattern: then whoever goes through the feed meets one soon, and in
 * the feed's order, which an index over several types does not have.
 */
export async function findLeasable(
  db: Database,
  organizationId: string,
  patterns: readonly string[],
  limit: number,
): Promise<string[] | undefined> {
  // It stands for everything but the service's own types.
  if (patterns.includes("*")) return undefined;
  const most = limit + spare;
  const { rows } = await leasableStatement(organizationId, patterns, most).execute(db);
  const found = patterns.map((_, index) => rows.filter(({ range }) => range === index + 1).length);
  const isCut = patterns.some((pattern, index) => pattern.endsWith(".*") && found[index] === most);
  return isCut ? undefined : rows.map(({ id }) => id);
}

/** Apart, so that a test can hold its plan against the indexes. */
export function leasableStatement(organizationId: string, patterns: readonly string[], most: number) {
  const ranges = patterns.map(rangeOf);
  return sql<{ id: string; range: number }>`
    SELECT found.id, ranges.n::int AS range
    FROM unnest(${ranges.map(({ from }) => from)}::text[], ${ranges.map(({ before }) => before)}::text[])
      WITH ORDINALITY AS ranges (first, before, n)
    CROSS JOIN LATERAL (
      SELECT id FROM events
      WHERE organization_id = ${organizationId}
        AND type COLLATE "C" >= ranges.first AND type COLLATE "C" < ranges.before
        AND inbox_status = 'available' AND delivery_status IN ('none', 'failed') AND delivery_status <> 'delivered'
      ORDER BY organization_id, type COLLATE "C", 0 + position LIMIT ${most}::int
    ) found`;
}

/** Types have no control characters, so nothing lies between `a` and `a` with the least of them. */
function rangeOf(pattern: string): TypeRange {
  if (!pattern.endsWith(".*")) return { from: pattern, before: `${pattern}\u0001` };
  const prefix = pattern.slice(0, -1);
  // The character behind the dot.
  return { from: prefix, before: `${prefix.slice(0, -1)}/` };
}
