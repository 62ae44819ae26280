import type { Database } from "../connect.ts";
import { cancelOpenDeliveries } from "../deliveries/cancel-deliveries.ts";
import { markEndpointDeleted } from "../endpoints.ts";
import {
  auditEndpoint,
  changeEndpoints,
  type EndpointChange,
  type EndpointOutcome,
} from "./change-endpoints.ts";

/** Deleted first: what is not cancelled when the process dies is cancelled when a worker meets it. */
export async function deleteEndpoint(
  db: Database,
  change: EndpointChange,
  id: string,
): Promise<EndpointOutcome<object>> {
  const outcome = await changeEndpoints<object>(db, change, async (tx) => {
    const isDeleted = await markEndpointDeleted(tx, change.organizationId, id);
    if (!isDeleted) return { ok: false, refusal: "no_such_endpoint" };
    await auditEndpoint(tx, change, { action: "endpoint.deleted", target: id });
    return { ok: true };
  });
  if (outcome.ok) await cancelOpenDeliveries(db, change.organizationId, id);
  return outcome;
}
