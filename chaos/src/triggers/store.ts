import pg from "pg";
import type { StoredEvent } from "../system.ts";

/** Looks into Postgres past the API, on connections of its own that survive a restart of the server. */
export interface Store {
  events(organizationId: string): Promise<StoredEvent[]>;
  countClaims(): Promise<number>;
  countDeadLetters(): Promise<number>;
  addNextMigration(): Promise<void>;
}

export function createStore(databaseUrl: () => string): Store {
  const query = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: databaseUrl(), connectionTimeoutMillis: 5_000 });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query(sql, values)).rows as Row[];
    } finally {
      await client.end();
    }
  };
  return {
    events: (organizationId) =>
      query<StoredEvent>(
        `SELECT id, (payload::json ->> 'n')::int AS number FROM events
         WHERE organization_id = $1 AND payload IS NOT NULL`,
        [organizationId],
      ),
    async countClaims() {
      const [row] = await query<{ count: number }>(
        `SELECT count(*)::int AS count FROM deliveries WHERE status IN ('pending', 'retrying') AND claim_id IS NOT NULL`,
      );
      return row?.count ?? 0;
    },
    async countDeadLetters() {
      const [row] = await query<{ count: number }>(`SELECT count(*)::int AS count FROM dead_letters`);
      return row?.count ?? 0;
    },
    async addNextMigration() {
      await query(
        `BEGIN;
         SET LOCAL lock_timeout = '10s';
         ALTER TABLE events ADD COLUMN added_by_chaos text;
         INSERT INTO kysely_migration (name, timestamp) VALUES ('9999-chaos', now()::text);
         COMMIT`,
      );
    },
  };
}
