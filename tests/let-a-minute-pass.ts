import { runSql } from "@triggers/testing";

/** For the deliveries of a database it is a minute later: what is overdue by then is the sweeper's. */
export async function letAMinutePass({ databaseUrl }: { databaseUrl: string }): Promise<void> {
  await runSql(
    databaseUrl,
    `UPDATE deliveries SET sweep_at = sweep_at - interval '61 seconds', requested_at = requested_at - interval '61 seconds',
       next_attempt_at = next_attempt_at - interval '61 seconds'
     WHERE status IN ('pending', 'retrying') OR requested IS NOT NULL`,
  );
}
