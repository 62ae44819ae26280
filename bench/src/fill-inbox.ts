import type { Stack } from "./stack.ts";
import { eventBody } from "./sample-event.ts";

const dayMs = 86_400_000;

/** Events of the only organization in this database, by SQL, in a partition of today, as vacuum and analyze leave it. */
export async function fillInbox(stack: Stack, databaseUrl: string, events: number): Promise<void> {
  const [organization] = await stack.query<{ id: string }>("SELECT id FROM organizations", databaseUrl);
  if (!organization) throw new Error("There is no organization.");
  const today = Math.floor(Date.now() / dayMs) * dayMs;
  const payload = JSON.stringify((JSON.parse(eventBody()) as { payload: unknown }).payload);
  const idAt = (ms: number) => `${hexOf(ms).slice(0, 8)}-${hexOf(ms).slice(8)}-0000-0000-000000000000`;
  const statements = [
    `CREATE TABLE events_of_bench PARTITION OF events FOR VALUES FROM ('${idAt(today)}') TO ('${idAt(today + dayMs)}')`,
    `INSERT INTO events (id, organization_id, position, type, payload)
     SELECT (lpad(to_hex(${today}::bigint + n / 100), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '8'
       || substr(md5(n::text), 4, 15))::uuid, '${organization.id}', n, 'user.created', '${payload.replaceAll("'", "''")}'
     FROM generate_series(1, ${events}) n`,
    `INSERT INTO feeds VALUES ('${organization.id}', ${events})
     ON CONFLICT (organization_id) DO UPDATE SET last_position = excluded.last_position`,
    "VACUUM ANALYZE events",
  ];
  for (const statement of statements) await stack.query(statement, databaseUrl);
}

function hexOf(ms: number): string {
  return ms.toString(16).padStart(12, "0");
}
