import { isOperationalEventType } from "@triggers/domain";
import { sql } from "kysely";
import { insertAuditEntry } from "./audit-log.ts";
import type { Database } from "./connect.ts";
import { insertOperationalEvent, type OperationalEvent } from "./operational-events.ts";
import { type PageOfIds, pageById } from "./page-by-id.ts";
import { findEventIntent } from "./persist/event-intents.ts";
import { lockFeeds } from "./persist/lock-feeds.ts";

export interface NewDeadLetter {
  eventId: string;
  organizationId: string | null;
  /** Null where the job cannot be read. */
  eventType: string | null;
  /** The job's data as JSON bytes: everything that is needed to try again. */
  job: Buffer;
  reason: string;
  errorCode: string | null;
}

/**
 * Written before the job is let go of; returns what the organization is to be told. A second run leaves the first row, unless it was retried in between: then the
 * letter is open again. Of an erased organization nothing is kept, of an event that was erased while it was queued only
 * the fact: the feed's lock orders this against both.
 */
export async function insertDeadLetter(db: Database, letter: NewDeadLetter): Promise<OperationalEvent[]> {
  const { eventId, organizationId, eventType } = letter;
  return db.transaction().execute(async (tx) => {
    if (organizationId !== null) {
      const feeds = await lockFeeds(tx, new Map([[organizationId, 0]]));
      if (!feeds.has(organizationId)) return [];
    }
    const intent = organizationId === null ? undefined : await findEventIntent(tx, organizationId, eventId);
    const isErased = (intent?.erasedAt ?? null) !== null;
    const { rows } = await sql`
      INSERT INTO dead_letters AS known (event_id, organization_id, job, reason, error_code)
      VALUES (${eventId}, ${organizationId}, ${isErased ? Buffer.alloc(0) : letter.job},
        ${isErased ? "erased" : letter.reason}, ${letter.errorCode})
      ON CONFLICT (event_id) DO UPDATE
        SET job = excluded.job, reason = excluded.reason, error_code = excluded.error_code, created_at = now(),
          retried_at = NULL
        WHERE known.retried_at IS NOT NULL
      RETURNING 1`.execute(tx);
    if (rows.length === 0 || organizationId === null || isErased) return [];
    if (eventType !== null && isOperationalEventType(eventType)) return [];
    return insertOperationalEvent(tx, {
      organizationId,
      type: "event.dead_lettered",
      payload: { event_id: eventId, event_type: eventType },
    });
  });
}

/** A dead letter without its bytes. */
export interface DeadLetterRow {
  event_id: string;
  organization_id: string | null;
  reason: string;
  error_code: string | null;
  job_bytes: number;
  created_at: Date;
  retried_at: Date | null;
}

export async function listDeadLetters(
  db: Database,
  page: PageOfIds,
  filter: { organizationId?: string | undefined; status: "open" | "retried" | "all" },
): Promise<DeadLetterRow[]> {
  let rows = db
    .selectFrom("dead_letters")
    .select([
      "event_id",
      "organization_id",
      "reason",
      "error_code",
      sql<number>`octet_length(job)`.as("job_bytes"),
      sql<Date>`created_at`.as("created_at"),
      "retried_at",
    ]);
  if (filter.organizationId !== undefined) rows = rows.where("organization_id", "=", filter.organizationId);
  if (filter.status !== "all")
    rows = rows.where("retried_at", filter.status === "open" ? "is" : "is not", null);
  return pageById(rows, "event_id", page).execute();
}

/**
 * Enqueues a dead letter's job, then marks it as retried. Its row is locked meanwhile: a worker that fails on the
 * event once more waits for the mark and takes it away again. After a crash in between the letter is still open, and
 * a second retry enqueues the same id, which stores the event once. A letter that was retried before is left alone;
 * of one whose event was erased there is nothing left to enqueue. Undefined when there is no such letter.
 */
export async function retryDeadLetter(
  db: Database,
  eventId: string,
  actor: string,
  enqueue: (job: Buffer) => Promise<void>,
): Promise<{ retriedAt: Date } | "erased" | undefined> {
  return db.transaction().execute(async (tx) => {
    const letter = await tx
      .selectFrom("dead_letters")
      .select(["organization_id", "job", "retried_at"])
      .where("event_id", "=", eventId)
      .forUpdate()
      .executeTakeFirst();
    if (!letter) return undefined;
    if (letter.job.length === 0) return "erased";
    if (letter.retried_at !== null) return { retriedAt: letter.retried_at };
    await enqueue(letter.job);
    const { retriedAt } = await tx
      .updateTable("dead_letters")
      .set({ retried_at: sql<Date>`clock_timestamp()` })
      .where("event_id", "=", eventId)
      .returning(sql<Date>`retried_at`.as("retriedAt"))
      .executeTakeFirstOrThrow();
    await insertAuditEntry(tx, {
      organizationId: letter.organization_id,
      actor,
      action: "dead_letter.retried",
      target: eventId,
    });
    return { retriedAt };
  });
}
