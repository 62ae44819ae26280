import type { Migration } from "kysely/migration";
import * as firstSchema from "./0001-first-schema.ts";
import * as erasedOrganizations from "./0002-erased-organizations.ts";
import * as eventsByDedupId from "./0003-events-by-dedup-id.ts";
import * as leases from "./0004-leases.ts";
import * as endpoints from "./0006-endpoints.ts";
import * as parkedDeliveries from "./0007-parked-deliveries.ts";
import * as replays from "./0008-replays.ts";
import * as operationalEvents from "./0009-operational-events.ts";
import * as eventsByType from "./0010-events-by-type.ts";

/** In the order of their names. An applied migration never changes; a new one is added behind it. */
export const migrations: Record<string, Migration> = {
  "0001-first-schema": firstSchema,
  "0002-erased-organizations": erasedOrganizations,
  "0003-events-by-dedup-id": eventsByDedupId,
  "0004-leases": leases,
  "0006-endpoints": endpoints,
  "0007-parked-deliveries": parkedDeliveries,
  "0008-replays": replays,
  "0009-operational-events": operationalEvents,
  "0010-events-by-type": eventsByType,
};
