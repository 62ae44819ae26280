import type { Maintenance } from "./with-maintenance.ts";

export type PartitionedTable = "events" | "deliveries" | "attempts";

export interface Partition {
  name: string;
  parent: PartitionedTable;
  /** The UTC day of its ids, as ms since 1970. */
  day: number;
  /** `detaching`: somebody died in the middle of it. `detached`: nobody reads it any more. */
  state: "attached" | "detaching" | "detached";
}

/** All of them, those that a crash left half removed included, the oldest day first. */
export async function findPartitions({ query }: Maintenance): Promise<Partition[]> {
  const rows = await query<{ name: string; state: Partition["state"] }>(`
    SELECT c.relname AS name,
      CASE WHEN i.inhrelid IS NULL THEN 'detached' WHEN i.inhdetachpending THEN 'detaching' ELSE 'attached' END AS state
    FROM pg_class c
    LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
      AND c.relname ~ '^(events|deliveries|attempts)_[0-9]{8}$'`);
  return rows
    .map(({ name, state }) => {
      const [parent, digits] = name.split("_") as [PartitionedTable, string];
      return { name, parent, day: Date.parse(digits.replace(/(....)(..)(..)/, "$1-$2-$3")), state };
    })
    .sort((a, b) => a.day - b.day);
}
