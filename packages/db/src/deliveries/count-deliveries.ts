import { type Kysely, sql } from "kysely";
import { amongIds } from "../among-ids.ts";
import type { DB } from "../schema.ts";

const counted = ["pending", "retrying", "delivered", "failed", "skipped", "cancelled"] as const;

/**
 * SQL for counting deliveries on their events by the rows that really changed, so that two endpoints finishing at
 * once both count. `sums` groups rows that have `was` and `status`; `sets` adds these sums, in a row `c`, to event `e`.
 */
export const deliveryCounts = {
  sums: sql.raw(counted.map((s) => `sum((status = '${s}')::int - (was = '${s}')::int) AS ${s}`).join(", ")),
  sets: sql.raw(counted.map((s) => `${s}_deliveries = e.${s}_deliveries + c.${s}`).join(", ")),
};

/** Locks the events in id order: every writer that touches deliveries begins here, so none waits in a circle. */
export async function lockEvents(tx: Kysely<DB>, eventIds: readonly string[]): Promise<void> {
  await sql`
    SELECT 1 FROM events WHERE ${amongIds("id", eventIds)}
    ORDER BY id FOR UPDATE`.execute(tx);
}
