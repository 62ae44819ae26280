import { matchesEventType } from "@triggers/domain";
import { type Kysely, sql } from "kysely";
import type { Database } from "../connect.ts";
import { lockEvents } from "../deliveries/count-deliveries.ts";
import type { DueDelivery } from "../deliveries/sweep-deliveries.ts";
import type { DB } from "../schema.ts";
import { addMissingDeliveries } from "./add-missing-deliveries.ts";
import { reopenDeliveries } from "./reopen-deliveries.ts";
import type { ReplayedEvent, ReplayRow } from "./replays.ts";

export interface ReplayPage {
  /** What must be enqueued now. */
  due: DueDelivery[];
  isFinished: boolean;
}

/**
 * Handles the next page of a replay's events. Progress commits with what it has changed, so a replay resumes where it
 * was; what a crash keeps from the queues is the sweeper's a minute later. Two runners of one replay take turns.
 */
export async function runReplayPage(db: Database, replayId: string, pageSize: number): Promise<ReplayPage> {
  return db.transaction().execute(async (tx) => {
    const replay = await tx
      .selectFrom("replays")
      .selectAll()
      .where("id", "=", replayId)
      .forUpdate()
      .executeTakeFirst();
    if (replay?.status !== "running") return { due: [], isFinished: true };
    const page = await findPage(tx, replay, pageSize);
    const events = page.filter(({ type }) => matchesTypes(replay, type));
    const { due, skipped } = await startAnew(tx, replay, events);
    const isFinished = page.length < pageSize;
    await sql`
      UPDATE replays SET resume_position = ${page.at(-1)?.position ?? replay.resume_position},
        matched = matched + ${due.length + skipped}, enqueued = enqueued + ${due.length},
        skipped = skipped + ${skipped},
        status = ${isFinished ? "completed" : "running"}, finished_at = ${isFinished ? sql`now()` : null}
      WHERE id = ${replayId}`.execute(tx);
    return { due, isFinished };
  });
}

async function startAnew(tx: Kysely<DB>, replay: ReplayRow, events: readonly ReplayedEvent[]) {
  if (events.length === 0) return { due: [], skipped: 0 };
  await lockEvents(
    tx,
    events.map(({ id }) => id),
  );
  const reopened = await reopenDeliveries(tx, replay, events);
  const added = await addMissingDeliveries(tx, replay, events);
  return { due: [...reopened.due, ...added], skipped: reopened.skipped };
}

async function findPage(tx: Kysely<DB>, replay: ReplayRow, limit: number): Promise<ReplayedEvent[]> {
  const { sinceId, untilId, only } = replay.selection;
  let events = tx
    .selectFrom("events")
    .select(["id", "type", "subscriber", "position"])
    .where("organization_id", "=", replay.organization_id)
    .where("position", ">", replay.resume_position)
    .where("position", "<=", replay.last_position)
    .where("erased_at", "is", null);
  if (sinceId !== null) events = events.where("id", ">=", sinceId);
  if (untilId !== null) events = events.where("id", "<", untilId);
  // What these are about is on the event's row already: no look at its deliveries is needed to pass it by.
  if (only === "failed") events = events.where("failed_deliveries", ">", 0);
  if (only === "skipped") events = events.where("skipped_deliveries", ">", 0);
  return events.orderBy("position").limit(limit).execute();
}

/** Where no types are given, operational events are no exception: the endpoint got them because it names them. */
function matchesTypes({ selection: { eventTypes } }: ReplayRow, type: string): boolean {
  return eventTypes === null || matchesEventType(eventTypes, type);
}
