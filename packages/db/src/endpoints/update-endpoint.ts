import { sql } from "kysely";
import type { Database } from "../connect.ts";
import type { EndpointRow } from "../endpoints.ts";
import {
  auditEndpoint,
  changeEndpoints,
  type EndpointChange,
  type EndpointOutcome,
  hasRoomFor,
  isNameTaken,
  lockEndpoint,
} from "./change-endpoints.ts";
import { columnsOf, type EndpointSettings } from "./endpoint-settings.ts";

export interface EndpointUpdate extends Partial<EndpointSettings> {
  enabled?: boolean;
}

/**
 * What is left out stays as it is. Disabling keeps the first reason and time; enabling clears both. What was parked
 * meanwhile comes out of the backlog with the sweeper's next pass, which finds the endpoint enabled.
 */
export async function updateEndpoint(
  db: Database,
  change: EndpointChange,
  id: string,
  { enabled, ...settings }: EndpointUpdate,
): Promise<EndpointOutcome<{ endpoint: EndpointRow }>> {
  const { organizationId } = change;
  const columns = columnsOf(settings);
  return changeEndpoints<{ endpoint: EndpointRow }>(db, change, async (tx) => {
    const before = await lockEndpoint(tx, organizationId, id);
    if (!before) return { ok: false, refusal: "no_such_endpoint" };
    const { name = before.name, subscriber = before.subscriber } = settings;
    if (name !== before.name && (await isNameTaken(tx, organizationId, name))) {
      return { ok: false, refusal: "endpoint_name_taken" };
    }
    if (subscriber !== before.subscriber && !(await hasRoomFor(tx, organizationId, subscriber))) {
      return { ok: false, refusal: "endpoint_limit_reached" };
    }
    const isSwitched = enabled !== undefined && enabled !== before.enabled;
    const endpoint = await tx
      .updateTable("endpoints")
      .set({
        ...columns,
        ...(isSwitched ? stateColumns(enabled) : {}),
        updated_at: sql<Date>`now()`,
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    // The columns are named as the fields, but for the sealed ones.
    const changed = Object.keys(columns).map((name) => name.replace("sealed_", ""));
    if (changed.length > 0) {
      await auditEndpoint(tx, change, { action: "endpoint.updated", target: id, detail: { changed } });
    }
    if (isSwitched) {
      const action = enabled ? "endpoint.enabled" : "endpoint.disabled";
      const detail = { reason: enabled ? before.disabled_reason : "manual" };
      await auditEndpoint(tx, change, { action, target: id, detail });
    }
    return { ok: true, endpoint };
  });
}

function stateColumns(enabled: boolean) {
  return enabled
    ? { enabled, disabled_reason: null, disabled_at: null, failing_since: null }
    : { enabled, disabled_reason: "manual", disabled_at: sql<Date>`now()` };
}
