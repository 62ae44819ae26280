import type { Database } from "./connect.ts";

export interface NewDeadLetter {
  eventId: string;
  organizationId: string | null;
  /** The job's data as JSON bytes: everything that is needed to try again. */
  job: Buffer;
  reason: string;
  errorCode: string | null;
}

/** Written before the job is let go of; a second run leaves the first row. */
export async function insertDeadLetter(db: Database, letter: NewDeadLetter): Promise<void> {
  await db
    .insertInto("dead_letters")
    .values({
      event_id: letter.eventId,
      organization_id: letter.organizationId,
      job: letter.job,
      reason: letter.reason,
      error_code: letter.errorCode,
    })
    .onConflict((conflict) => conflict.column("event_id").doNothing())
    .execute();
}
