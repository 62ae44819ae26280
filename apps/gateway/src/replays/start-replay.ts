import {
  createReplay,
  type Database,
  findEndpoint,
  type ReplayRow,
  type ReplaySelection,
} from "@triggers/db";
import { DomainError } from "@triggers/domain";
import type { ReplayQueue } from "@triggers/queues";
import type { Logger } from "@triggers/runtime";

export interface ReplayDeps {
  db: Database;
  replayQueue: ReplayQueue;
  logger: Logger;
}

/** Postgres first: where no worker can be woken after it, the sweeper finds the replay. */
export async function startReplay(
  { db, replayQueue, logger }: ReplayDeps,
  organizationId: string,
  endpointId: string | null,
  selection: ReplaySelection,
): Promise<ReplayRow> {
  if (endpointId !== null && !(await findEndpoint(db, organizationId, endpointId)))
    throw new DomainError("not_found", "There is no such endpoint.");
  const replay = await createReplay(db, { organizationId, endpointId, selection });
  // Its keys went first: whoever asks now was let in a moment before.
  if (replay === "organization_gone") throw new DomainError("invalid_api_key", "The API key is not valid.");
  if (replay === "running")
    throw new DomainError("replay_running", "A replay is running already; wait for it or cancel it.");
  await replayQueue.enqueue([replay.id]).catch((error: unknown) => {
    logger.warn("a replay waits for the sweeper", { replayId: replay.id, error });
  });
  return replay;
}
