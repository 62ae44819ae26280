import { findPartitions, type Partition, type PartitionedTable } from "./find-partitions.ts";
import type { Maintenance } from "./with-maintenance.ts";

const dayMs = 86_400_000;
/** Deliveries first: nothing is sent of an event that is half gone. The event last: as long as it is there, it is whole for readers of the inbox. */
const order: PartitionedTable[] = ["deliveries", "attempts", "events"];

export interface Expiry {
  retentionDays: number;
  /** When the oldest event that still waits in the queue was accepted, in ms since 1970: its day must stay. */
  oldestQueuedAt: number;
}

export interface ExpiredDay {
  day: number;
  /** Events that were neither acknowledged nor delivered. */
  unread: number;
}

/**
 * Removes the days that are over: detached first, which waits for readers instead of blocking them, then dropped. A day is
 * over when it ended more than `retentionDays` ago and nothing was stored in it since: an event that came late is kept
 * as long as any other. Each step may be the last one of this process; the next pass goes on where it was.
 */
export async function expirePartitions(
  maintenance: Maintenance,
  { retentionDays, oldestQueuedAt }: Expiry,
  onExpired: (expired: ExpiredDay) => void,
): Promise<void> {
  const { query } = maintenance;
  // What one runner found detached, another may have dropped and a late event made anew: only one may be at it. The lock
  // ends with the connection.
  const [lock] = await query<{ isOurs: boolean }>(
    `SELECT pg_try_advisory_lock(hashtext('triggers-retention')) AS "isOurs"`,
  );
  if (!lock?.isOurs) return;
  const [clock] = await query<{ now: number }>("SELECT extract(epoch FROM now())::float8 * 1000 AS now");
  const endsBefore = Math.min((clock?.now ?? 0) - retentionDays * dayMs, oldestQueuedAt);
  const old = (await findPartitions(maintenance)).filter(({ day }) => day + dayMs <= endsBefore);
  for (const [day, partitions] of Map.groupBy(old, (partition) => partition.day)) {
    const events = partitions.find(({ parent }) => parent === "events");
    if (events && (await isStillNew(maintenance, events, retentionDays))) continue;
    const sorted = partitions.toSorted((a, b) => order.indexOf(a.parent) - order.indexOf(b.parent));
    for (const partition of sorted) {
      await detach(maintenance, partition);
      // Nobody can change it any more, so the count is exact.
      if (partition.parent === "events")
        onExpired({ day, unread: await countUnread(maintenance, partition) });
      await query(`DROP TABLE ${partition.name}`);
    }
  }
}

/** A partition that was detached is past this question: its events are in no list any more. */
async function isStillNew(
  { query }: Maintenance,
  { name, state }: Partition,
  retentionDays: number,
): Promise<boolean> {
  if (state !== "attached") return false;
  const [row] = await query<{ isNew: boolean }>(
    `SELECT EXISTS (SELECT FROM ${name} WHERE persisted_at > now() - make_interval(days => $1)) AS "isNew"`,
    [retentionDays],
  );
  return row?.isNew === true;
}

/** Cannot run in a transaction; one that was interrupted must be finalized before any other of its parent. */
async function detach({ query }: Maintenance, { name, parent, state }: Partition): Promise<void> {
  if (state === "detached") return;
  await query(
    `ALTER TABLE ${parent} DETACH PARTITION ${name} ${state === "attached" ? "CONCURRENTLY" : "FINALIZE"}`,
  );
}

async function countUnread({ query }: Maintenance, { name }: Partition): Promise<number> {
  const [row] = await query<{ unread: string }>(`
    SELECT count(*) AS unread FROM ${name}
    WHERE inbox_status <> 'acknowledged' AND delivery_status <> 'delivered' AND erased_at IS NULL`);
  return Number(row?.unread ?? 0);
}
