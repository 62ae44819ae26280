import { type Kysely, sql } from "kysely";
import type { DB } from "../schema.ts";

export interface NewDelivery {
  id: string;
  eventId: string;
  endpointId: string;
  organizationId: string;
  status: "pending" | "skipped";
  /** It joins the endpoint's backlog, and no job follows the commit. */
  isParked: boolean;
}

/** One row per event and endpoint. `sweep_at` gives the job that follows the commit a minute before it is made again. */
export async function insertDeliveries(tx: Kysely<DB>, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return;
  const column = <T>(value: (delivery: NewDelivery) => T) => deliveries.map(value);
  await sql`
    INSERT INTO deliveries (id, event_id, endpoint_id, organization_id, status, parked_as, sweep_at)
    SELECT id, event_id, endpoint_id, organization_id, status, CASE WHEN is_parked THEN 'first' END,
      CASE WHEN is_parked THEN 'infinity' ELSE now() + interval '1 minute' END
    FROM unnest(
      ${column((d) => d.id)}::uuid[], ${column((d) => d.eventId)}::uuid[], ${column((d) => d.endpointId)}::uuid[],
      ${column((d) => d.organizationId)}::uuid[], ${column((d) => d.status)}::text[],
      ${column((d) => d.isParked)}::bool[]
    ) AS batch (id, event_id, endpoint_id, organization_id, status, is_parked)
    ORDER BY event_id, endpoint_id
    ON CONFLICT DO NOTHING`.execute(tx);
}
