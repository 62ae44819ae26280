import {
  type Database,
  disableEndpoint,
  type EndpointRow,
  markEndpointsFailing,
  markEndpointsSucceeding,
  type OperationalEvent,
} from "@triggers/db";
import { createBatcher } from "@triggers/runtime";
import type { Verdict } from "./classify-attempt.ts";

/**
 * Keeps `failing_since`, as the row that was read with the claim has it: an endpoint whose state stays as it is costs no
 * statement. One that has failed for too long is disabled by its next failure; returns what its organization is to be told.
 */
export function createEndpointHealth(
  db: Database,
  disableAfterSeconds: number,
): (endpoint: EndpointRow, verdict: Verdict, eventType: string) => Promise<OperationalEvent[]> {
  const mark = (write: (db: Database, ids: readonly string[]) => Promise<void>) =>
    createBatcher<string, undefined>({ maxItems: 200, spacingMs: 5 }, async (ids) => {
      await write(db, [...new Set(ids)].sort());
      return ids.map(() => undefined);
    });
  const failing = mark(markEndpointsFailing);
  const succeeding = mark(markEndpointsSucceeding);

  return async ({ id, failing_since }, { kind }, eventType) => {
    if (kind === "interrupted" || kind === "gone") return [];
    if (kind === "delivered") {
      if (failing_since !== null) await succeeding.add(id);
      return [];
    }
    if (failing_since === null) await failing.add(id);
    else if (Date.now() - failing_since.getTime() >= disableAfterSeconds * 1_000)
      return disableEndpoint(db, id, { reason: "failing", eventType, afterSeconds: disableAfterSeconds });
    return [];
  };
}
