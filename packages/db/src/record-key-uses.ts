import { sql } from "kysely";
import type { Database } from "./connect.ts";

/**
 * Writes when keys were last used, all in one statement. A key whose time is younger than `minIntervalMs` before its
 * use stays as it is, whichever process wrote it; a row that somebody is changing is skipped rather than waited for.
 */
export async function recordKeyUses(
  db: Database,
  uses: readonly { keyId: string; usedAt: Date }[],
  minIntervalMs: number,
): Promise<void> {
  await sql`
    UPDATE api_keys k SET last_used_at = due.used_at
    FROM (
      SELECT own.key_id, least(u.used_at, now()) AS used_at
      FROM unnest(${uses.map(({ keyId }) => keyId)}::text[], ${uses.map(({ usedAt }) => usedAt)}::timestamptz[])
        AS u (key_id, used_at)
      JOIN api_keys own ON own.key_id = u.key_id
      WHERE own.last_used_at IS NULL
        OR own.last_used_at <= u.used_at - make_interval(secs => ${minIntervalMs / 1_000}::float8)
      ORDER BY own.key_id
      FOR UPDATE OF own SKIP LOCKED
    ) AS due
    WHERE k.key_id = due.key_id`.execute(db);
}
