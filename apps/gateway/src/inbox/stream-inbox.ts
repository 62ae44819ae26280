import { once } from "node:events";
import { isDatabaseAway, lastPosition } from "@triggers/db";
import { DomainError } from "@triggers/domain";
import type { RequestHandler, Response } from "express";
import { signalOfDeparture } from "../http/signal-of-departure.ts";
import { validate } from "../http/validate.ts";
import { addWaitedMs } from "../http/waited-time.ts";
import { admissionOf } from "../keys/admission.ts";
import type { InboxWatch } from "./inbox-waiters.ts";
import { inboxStreamSchema, startOfStream } from "./inbox-stream-schema.ts";
import type { WaitingReadDeps } from "./long-poll.ts";
import { readSharedPage } from "./read-inbox-page.ts";
import { sseHeartbeat, sseStart, sseTextOf } from "./sse-text.ts";
import { nextStreamPageRows, tailPageRows } from "./stream-page-rows.ts";

export type StreamDeps = WaitingReadDeps & { streamHeartbeatMs: number };

/** A client that takes nothing of what was written for so long is gone. */
const silenceMs = 60_000;
/** How soon a stream that Postgres failed looks again. */
const outageRetryMs = 1_000;

/** Every event from a position on, then those to come, for as long as the client stays and its key is good. */
export function streamInbox(deps: StreamDeps): RequestHandler {
  return async (req, res) => {
    const query = validate(inboxStreamSchema, req.query, "query");
    const { organizationId } = admissionOf(res).principal;
    const start = startOfStream(req.headers["last-event-id"], query.from);
    const filter = { organizationId, eventType: query.event_type, subscriber: query.subscriber };
    const watch = deps.inboxWaiters.watch(organizationId, "stream");
    try {
      // Before the headers leave: with Postgres away the answer is a 503 still.
      const newest = await deps.shareRead(`newest ${organizationId}`, () =>
        lastPosition(deps.db, organizationId),
      );
      const startedAt = performance.now();
      res.status(200).set({
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
      });
      res.flushHeaders();
      if (req.method !== "HEAD") {
        await pump(deps, res, { watch, filter, from: start === "now" ? newest : start });
      }
      addWaitedMs(res, performance.now() - startedAt);
      // What a client did not take in time cannot be waited for; it comes back and goes on behind its last block.
      if (res.writableNeedDrain) res.destroy();
      else res.end();
    } finally {
      watch.end();
    }
  };
}

interface Stream {
  watch: InboxWatch;
  filter: { organizationId: string; eventType: string | undefined; subscriber: string | undefined };
  from: number;
}

/** Writes a page at a time, as fast as the client reads. Ends, without an error, when the stream shall end. */
async function pump(deps: StreamDeps, res: Response, { watch, filter, from }: Stream): Promise<void> {
  const { key } = admissionOf(res);
  const signal = AbortSignal.any([signalOfDeparture(res), deps.inboxWaiters.draining]);
  const isOver = () => signal.aborted;
  let position = from;
  let sentId = from;
  let rows = tailPageRows;
  let writtenAt = performance.now();
  const write = async (text: string) => {
    writtenAt = performance.now();
    sentId = position;
    if (!res.write(text)) await untilTaken(res, signal);
  };

  const readOn = async () => {
    const known = watch.knownPosition();
    const [page] = await Promise.all([
      known !== undefined && position >= known ? undefined : readPage(deps, filter, position, rows),
      deps.stillAdmits(key, "read"),
    ]);
    const last = page?.rows.at(-1);
    const isFull = page?.rows.length === rows;
    // What the filter passed over will never match: the next read need not look at it again.
    position = isFull ? position : Math.max(position, known ?? 0);
    position = Math.max(position, last?.position ?? 0);
    rows = nextStreamPageRows(rows, page?.rows.length ?? 0, page?.text.length ?? 0);
    if (page && last) await write(page.text);
    return isFull;
  };

  await write(sseStart(position));
  while (!isOver()) {
    const mark = watch.mark();
    let mostMs: number;
    try {
      if (await readOn()) continue;
      // Only now: looking at the key may have shortened its life.
      mostMs = key.expiresAt - performance.now();
    } catch (error) {
      // Anything but an outage is a refusal: the key has ended.
      if (!isOutage(error)) {
        if (error instanceof DomainError) return;
        throw error;
      }
      mostMs = outageRetryMs;
    }
    const untilHeartbeatMs = deps.streamHeartbeatMs - (performance.now() - writtenAt);
    await watch.wait(mark, { timeoutMs: Math.max(0, Math.min(untilHeartbeatMs, mostMs)), signal });
    if (!isOver() && performance.now() - writtenAt >= deps.streamHeartbeatMs) {
      await write(sseHeartbeat(position > sentId ? position : undefined));
    }
  }
}

function readPage(deps: StreamDeps, filter: Stream["filter"], after: number, limit: number) {
  const query = { ...filter, selection: "all", order: "asc", offset: 0, after, limit } as const;
  return readSharedPage(deps, query, "stream", sseTextOf);
}

/** A key that cannot be checked right now, or a page that cannot be read: both come back by themselves. */
function isOutage(error: unknown): boolean {
  if (error instanceof DomainError) return error.code === "database_unavailable";
  return isDatabaseAway(error);
}

async function untilTaken(res: Response, signal: AbortSignal): Promise<void> {
  const tooLong = setTimeout(() => res.destroy(), silenceMs);
  await once(res, "drain", { signal }).catch(() => undefined);
  clearTimeout(tooLong);
}
