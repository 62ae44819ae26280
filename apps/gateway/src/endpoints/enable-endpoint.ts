import type { EndpointChange, EndpointRow } from "@triggers/db";
import { lowestIdAt } from "@triggers/domain";
import { type ReplayDeps, startReplay } from "../replays/start-replay.ts";
import { getEndpoint } from "./require-endpoint.ts";
import { changeEndpoint, type EndpointDeps } from "./save-endpoint.ts";

/** More than the clocks that make event ids may differ. */
const marginMs = 3_600_000;

/**
 * Enables an endpoint, then replays what it skipped since it was disabled. In this order nothing is missed: the change
 * waits for the batches that still skip. After a crash in between, or a refusal, the request can be repeated: what was
 * skipped by an endpoint that is enabled is replayed from the beginning.
 */
export async function enableEndpoint(
  deps: EndpointDeps & ReplayDeps,
  change: EndpointChange,
  id: string,
  replay: "skipped" | undefined,
): Promise<{ endpoint: EndpointRow; replayId?: string }> {
  const { disabled_at } = await getEndpoint(deps.db, change.organizationId, id);
  const endpoint = await changeEndpoint(deps, change, id, { enabled: true });
  if (replay === undefined) return { endpoint };
  const started = await startReplay(deps, change.organizationId, id, {
    sinceId: disabled_at === null ? null : lowestIdAt(disabled_at.getTime() - marginMs),
    untilId: null,
    eventTypes: null,
    only: replay,
  });
  return { endpoint, replayId: started.id };
}
