import { sql } from "kysely";
import type { Database } from "../connect.ts";
import type { EndpointRow } from "../endpoints.ts";
import {
  auditEndpoint,
  changeEndpoints,
  type EndpointChange,
  type EndpointOutcome,
  lockEndpoint,
} from "./change-endpoints.ts";

/** Each costs every request one more signature. */
const maxLiveSecrets = 5;

/**
 * The current secret goes on signing for the overlap, and earlier ones end no later than it: an overlap of 0 leaves the
 * new one alone. One statement, so that there is no moment without a secret.
 */
export async function rotateEndpointSecret(
  db: Database,
  change: EndpointChange,
  id: string,
  { sealedSecret, overlapSeconds }: { sealedSecret: Buffer; overlapSeconds: number },
): Promise<EndpointOutcome<{ endpoint: EndpointRow }>> {
  return changeEndpoints<{ endpoint: EndpointRow }>(db, change, async (tx) => {
    const before = await lockEndpoint(tx, change.organizationId, id);
    if (!before) return { ok: false, refusal: "no_such_endpoint" };
    const { rows } = await sql<{ now: Date; overlapsUntil: Date }>`
      SELECT now(), now() + make_interval(secs => ${overlapSeconds}::float8) AS "overlapsUntil"`.execute(tx);
    const { now = new Date(), overlapsUntil = now } = rows[0] ?? {};
    const live = [
      { sealed: before.sealed_secret, expiresAt: overlapsUntil },
      ...before.sealed_previous_secrets.map((sealed, index) => ({
        sealed,
        expiresAt: earlier(before.previous_secrets_expire_at[index] ?? now, overlapsUntil),
      })),
    ].filter(({ expiresAt }) => expiresAt > now);
    if (live.length >= maxLiveSecrets) return { ok: false, refusal: "secret_limit_reached" };
    const endpoint = await tx
      .updateTable("endpoints")
      .set({
        sealed_secret: sealedSecret,
        sealed_previous_secrets: live.map(({ sealed }) => sealed),
        previous_secrets_expire_at: live.map(({ expiresAt }) => expiresAt),
        updated_at: sql<Date>`now()`,
      })
      .where("id", "=", id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await auditEndpoint(tx, change, {
      action: "endpoint.secret_rotated",
      target: id,
      detail: { overlap_seconds: overlapSeconds },
    });
    return { ok: true, endpoint };
  });
}

function earlier(a: Date, b: Date): Date {
  return a < b ? a : b;
}

/** The endpoint whose current secret is about to be shown; that it was is written down. */
export async function findEndpointToShowSecret(
  db: Database,
  change: EndpointChange,
  id: string,
): Promise<EndpointOutcome<{ endpoint: EndpointRow }>> {
  return changeEndpoints<{ endpoint: EndpointRow }>(db, change, async (tx) => {
    const endpoint = await lockEndpoint(tx, change.organizationId, id);
    if (!endpoint) return { ok: false, refusal: "no_such_endpoint" };
    await auditEndpoint(tx, change, { action: "endpoint.secret_shown", target: id });
    return { ok: true, endpoint };
  });
}
