import { lowestIdAt } from "@triggers/domain";
import type { Expiry } from "./expire-partitions.ts";
import type { Maintenance } from "./with-maintenance.ts";

const pageSize = 1_000;

/**
 * Removes what is older than the retention from the tables that have no partitions: intents of events that are long out
 * of the queue, dead letters, finished replays. Returns how many events that were never stored went with their letters.
 */
export async function expireRows(
  maintenance: Maintenance,
  { retentionDays, oldestQueuedAt }: Expiry,
): Promise<{ unread: number }> {
  const [clock] = await maintenance.query<{ now: number }>(
    "SELECT extract(epoch FROM now())::float8 * 1000 AS now",
  );
  const before = Math.min((clock?.now ?? 0) - retentionDays * 86_400_000, oldestQueuedAt);
  await removePages(maintenance, "event_intents", "event_id", "event_id < $1", [
    lowestIdAt(Math.max(0, before)),
  ]);
  const isOld = (column: string) => `${column} < now() - make_interval(days => $1)`;
  await removePages(maintenance, "replays", "id", isOld("finished_at"), [retentionDays]);
  await removePages(maintenance, "dead_letters", "event_id", isOld("retried_at"), [retentionDays]);
  const isOpenAndOld = `retried_at IS NULL AND ${isOld("created_at")}`;
  const hasContent = "length(job) > 0";
  const unread = await removePages(
    maintenance,
    "dead_letters",
    "event_id",
    isOpenAndOld,
    [retentionDays],
    hasContent,
  );
  return { unread };
}

/** Returns how many of the removed rows `counted` was true of. */
async function removePages(
  { query }: Maintenance,
  table: "event_intents" | "replays" | "dead_letters",
  key: string,
  condition: string,
  values: readonly unknown[],
  counted = "true",
): Promise<number> {
  for (let sum = 0; ;) {
    const rows = await query<{ isCounted: boolean }>(
      `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT ${pageSize})
       RETURNING ${counted} AS "isCounted"`,
      values,
    );
    sum += rows.filter(({ isCounted }) => isCounted).length;
    if (rows.length < pageSize) return sum;
  }
}
