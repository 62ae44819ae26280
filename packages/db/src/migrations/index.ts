import type { Migration } from "kysely/migration";
import * as firstSchema from "./0001-first-schema.ts";
import * as erasedOrganizations from "./0002-erased-organizations.ts";
import * as eventsByDedupId from "./0003-events-by-dedup-id.ts";
import * as endpoints from "./0006-endpoints.ts";

/** In the order of their names. An applied migration never changes; a new one is added behind it. */
export const migrations: Record<string, Migration> = {
  "0001-first-schema": firstSchema,
  "0002-erased-organizations": erasedOrganizations,
  "0003-events-by-dedup-id": eventsByDedupId,
  "0006-endpoints": endpoints,
};
