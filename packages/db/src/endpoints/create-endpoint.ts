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
} from "./change-endpoints.ts";
import { columnsOf, type EndpointSettings } from "./endpoint-settings.ts";

export interface NewEndpoint extends Partial<EndpointSettings> {
  id: string;
  url: string;
  enabled: boolean;
  sealedSecret: Buffer;
}

export async function createEndpoint(
  db: Database,
  change: EndpointChange,
  { id, url, enabled, sealedSecret, ...settings }: NewEndpoint,
): Promise<EndpointOutcome<{ endpoint: EndpointRow }>> {
  const { organizationId } = change;
  const { name = null, subscriber = null } = settings;
  return changeEndpoints<{ endpoint: EndpointRow }>(db, change, async (tx) => {
    if (await isNameTaken(tx, organizationId, name)) return { ok: false, refusal: "endpoint_name_taken" };
    if (!(await hasRoomFor(tx, organizationId, subscriber))) {
      return { ok: false, refusal: "endpoint_limit_reached" };
    }
    const endpoint = await tx
      .insertInto("endpoints")
      .values({
        ...columnsOf(settings),
        ...{ id, url, organization_id: organizationId, sealed_secret: sealedSecret },
        ...(enabled ? {} : { enabled, disabled_reason: "manual", disabled_at: sql<Date>`now()` }),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await auditEndpoint(tx, change, {
      action: "endpoint.created",
      target: id,
      detail: { name, subscriber },
    });
    return { ok: true, endpoint };
  });
}
