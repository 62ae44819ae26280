import {
  type ClaimedDelivery,
  type Database,
  type EndpointRow,
  findEndpointsToSend,
  type VersionedEndpoint,
} from "@triggers/db";

const maxRows = 1_000;

type Claimed = Pick<ClaimedDelivery, "endpointId" | "endpointVersion">;

/**
 * The endpoints of claimed deliveries. A claim brings the version that its endpoint's row has, so a row that is known is
 * read again only when it has changed: a change counts for the next claim.
 */
export function createEndpointRows(
  db: Database,
): (claimed: readonly Claimed[]) => Promise<ReadonlyMap<string, EndpointRow>> {
  const known = new Map<string, VersionedEndpoint>();

  return async (claimed) => {
    const rows = new Map<string, EndpointRow>();
    const missing = new Set<string>();
    for (const { endpointId, endpointVersion } of claimed) {
      if (endpointVersion === null) continue;
      const row = known.get(endpointId);
      if (row?.version === endpointVersion) rows.set(endpointId, row);
      else missing.add(endpointId);
    }
    if (missing.size === 0) return rows;
    if (known.size + missing.size > maxRows) known.clear();
    for (const row of await findEndpointsToSend(db, [...missing])) {
      known.set(row.id, row);
      rows.set(row.id, row);
    }
    return rows;
  };
}
