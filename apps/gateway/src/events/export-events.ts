import { once } from "node:events";
import { type Database, type EventRow, lastPosition, listEvents } from "@triggers/db";
import type { Response } from "express";

export interface ExportDeps {
  db: Database;
  /** Cuts exports that would outlast a drain. */
  drained: AbortSignal;
}

type Selection = Omit<Parameters<typeof listEvents>[1], "limit">;

export interface ExportFormat {
  mediaType: string;
  fileName: string;
  head: string;
  line: (event: EventRow) => string;
}

/** What is read at once: enough to be fast, and little even where each event has the largest payload. */
const pageBytes = 4 * 1024 * 1024;
const [firstPageRows, mostPageRows] = [16, 1_000];
/** A client that reads nothing for so long is gone. */
const silenceMs = 60_000;

/**
 * Streams all that matches, a page in memory at a time, as fast as the client reads. It ends with what was there when it
 * began. After an error in the middle, or a drain, the connection is cut, so that nobody takes a part for the whole.
 */
export async function exportEvents(
  { db, drained }: ExportDeps,
  res: Response,
  { selection, atMost, format }: { selection: Selection; atMost: number; format: ExportFormat },
): Promise<void> {
  const gone = new AbortController();
  res.once("close", () => gone.abort());
  const over = AbortSignal.any([gone.signal, drained]);
  const upTo = await lastPosition(db, selection.organizationId);
  const read = (after: number | undefined, limit: number) =>
    listEvents(db, { ...selection, upTo, after, limit });

  let limit = Math.min(firstPageRows, atMost);
  let left = atMost;
  // Before the headers leave: with Postgres away the answer is a 503 still.
  let events = await read(selection.after, limit);
  res.status(200).set({
    "Content-Type": format.mediaType,
    "Content-Disposition": `attachment; filename="${format.fileName}"`,
    "Cache-Control": "no-store",
  });
  if (res.req.method === "HEAD") return void res.end();
  res.setTimeout(silenceMs, () => res.destroy());
  if (format.head !== "") res.write(format.head);
  for (;;) {
    const text = events.map(format.line).join("");
    if (text !== "" && !res.write(text)) {
      await once(res, "drain", { signal: over }).catch(() => undefined);
    }
    left -= events.length;
    const last = events.at(-1)?.position;
    if (over.aborted || last === undefined || events.length < limit || left <= 0) break;
    limit = Math.min(left, mostPageRows, Math.ceil((pageBytes / text.length) * events.length));
    events = await read(last, limit);
  }
  if (over.aborted) res.destroy();
  else res.end();
}
