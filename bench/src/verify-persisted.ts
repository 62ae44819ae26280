import type { PipelineName } from "./pipeline.ts";
import type { Stack } from "./stack.ts";

const tables: Record<PipelineName, string> = { floor: "floor_events", product: "events" };

/** Throws when not every accepted event is in Postgres, or more are. */
export async function verifyPersisted(
  name: PipelineName,
  stack: Stack,
  databaseUrl: string,
  accepted: number,
): Promise<void> {
  const [row] = await stack.query<{ count: string }>(`SELECT count(*) FROM ${tables[name]}`, databaseUrl);
  if (Number(row?.count) !== accepted)
    throw new Error(`${name}: accepted ${accepted}, but persisted ${row?.count}.`);
}
