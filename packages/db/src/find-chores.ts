import { sql } from "kysely";
import type { Database } from "./connect.ts";

/** What there is to do for the sweeper. */
export interface Chores {
  overdue: boolean;
  parked: boolean;
  requested: boolean;
  replaying: boolean;
  untold: boolean;
  erasing: boolean;
}

/** Everything in one question, so that an idle system is asked nothing else. Each part of it is one step in a partial index. */
export async function findChores(db: Database): Promise<Chores> {
  const { rows } = await sql<Chores>`
    SELECT
      EXISTS (SELECT FROM deliveries WHERE status IN ('pending', 'retrying') AND sweep_at <= now()) AS overdue,
      EXISTS (SELECT FROM deliveries WHERE status IN ('pending', 'retrying') AND parked_as IS NOT NULL) AS parked,
      EXISTS (
        SELECT FROM deliveries WHERE requested = 'manual' AND requested_at <= now() - interval '1 minute'
      ) AS requested,
      EXISTS (SELECT FROM replays WHERE status = 'running') AS replaying,
      EXISTS (SELECT FROM operational_events WHERE created_at <= now() - interval '1 minute') AS untold,
      EXISTS (SELECT FROM organizations WHERE erasing_since IS NOT NULL) AS erasing`.execute(db);
  const [chores] = rows;
  if (!chores) throw new Error("Postgres gave no answer to what there is to do.");
  return chores;
}
