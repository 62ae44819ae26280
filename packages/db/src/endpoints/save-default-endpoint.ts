import { sql } from "kysely";
import type { Database } from "../connect.ts";
import type { EndpointRow } from "../endpoints.ts";
import {
  auditEndpoint,
  changeEndpoints,
  type EndpointChange,
  type EndpointOutcome,
  hasRoomFor,
} from "./change-endpoints.ts";
import { columnsOf, type EndpointSettings } from "./endpoint-settings.ts";

export interface DefaultEndpoint extends Pick<EndpointSettings, "url" | "eventTypes" | "timeoutMs"> {
  /** Used when there is none yet. */
  id: string;
  sealHeaders: (endpointId: string) => Buffer | null;
  sealSecret: (endpointId: string) => Buffer;
}

interface Saved {
  endpoint: EndpointRow;
  created: boolean;
}

/**
 * Creates or replaces the organization's endpoint named `default`, and enables it. What is sealed is bound to the
 * endpoint's id, so the id is settled first; of two first calls at once only one says `created`.
 */
export async function saveDefaultEndpoint(
  db: Database,
  change: EndpointChange,
  wanted: DefaultEndpoint,
): Promise<EndpointOutcome<Saved>> {
  const { organizationId } = change;
  return changeEndpoints<Saved>(db, change, async (tx) => {
    const before = await tx
      .selectFrom("endpoints")
      .selectAll()
      .where("organization_id", "=", organizationId)
      .where("name", "=", sql.lit("default"))
      .where("deleted_at", "is", null)
      .forUpdate()
      .executeTakeFirst();
    if (!before && !(await hasRoomFor(tx, organizationId, null))) {
      return { ok: false, refusal: "endpoint_limit_reached" };
    }
    const id = before?.id ?? wanted.id;
    const { url, eventTypes, timeoutMs } = wanted;
    const settings = {
      ...columnsOf({ eventTypes, timeoutMs, sealedHeaders: wanted.sealHeaders(id) }),
      ...{ url, name: "default" },
    };
    const endpoint = before
      ? await tx
          .updateTable("endpoints")
          .set({
            ...settings,
            ...{ enabled: true, disabled_reason: null, disabled_at: null, failing_since: null },
            updated_at: sql<Date>`now()`,
          })
          .where("id", "=", id)
          .returningAll()
          .executeTakeFirstOrThrow()
      : await tx
          .insertInto("endpoints")
          .values({ ...settings, id, organization_id: organizationId, sealed_secret: wanted.sealSecret(id) })
          .returningAll()
          .executeTakeFirstOrThrow();
    await auditEndpoint(tx, change, {
      action: before ? "endpoint.updated" : "endpoint.created",
      target: id,
      detail: { name: "default" },
    });
    return { ok: true, endpoint, created: !before };
  });
}
