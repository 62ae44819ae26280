import type { ReplayRow } from "@triggers/db";
import { timeOfId } from "@triggers/domain";

export function replayView(replay: ReplayRow) {
  const { sinceId, untilId, eventTypes, only } = replay.selection;
  return {
    replay_id: replay.id,
    endpoint_id: replay.endpoint_id,
    status: replay.status,
    since: timeOrNull(sinceId),
    until: timeOrNull(untilId),
    event_types: eventTypes,
    only,
    matched: replay.matched,
    enqueued: replay.enqueued,
    skipped: replay.skipped,
    created_at: replay.created_at,
    finished_at: replay.finished_at,
  };
}

function timeOrNull(id: string | null): Date | null {
  return id === null ? null : new Date(timeOfId(id));
}
