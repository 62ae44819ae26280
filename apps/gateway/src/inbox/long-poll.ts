import type { Database } from "@triggers/db";
import type { ShareRead } from "@triggers/runtime";
import type { Response } from "express";
import { eventPageText } from "../events/event-page.ts";
import { signalOfDeparture } from "../http/signal-of-departure.ts";
import { addWaitedMs } from "../http/waited-time.ts";
import { admissionOf } from "../keys/admission.ts";
import type { StillAdmits } from "../keys/still-admits.ts";
import type { InboxWaiters } from "./inbox-waiters.ts";
import { type InboxPageQuery, isForGood, readSharedPage } from "./read-inbox-page.ts";

export interface WaitingReadDeps {
  db: Database;
  inboxWaiters: InboxWaiters;
  shareRead: ShareRead;
  stillAdmits: StillAdmits;
}

/**
 * The text of a page with at least one event; of an empty one when none came in `waitMs`, when the client left, or when
 * the gateway drains. Nothing is held while it waits but a place among the organization's waiters.
 */
export async function longPoll(
  deps: WaitingReadDeps,
  res: Response,
  query: InboxPageQuery,
  waitMs: number,
): Promise<string> {
  const { key } = admissionOf(res);
  const { limit, order } = query;
  const watch = deps.inboxWaiters.watch(query.organizationId, "long_poll");
  const signal = signalOfDeparture(res);
  const endsAt = performance.now() + waitMs;
  try {
    let { after } = query;
    const emptyText = () => eventPageText([], { limit, after, hasCount: true });
    for (let isFirst = true; ; isFirst = false) {
      const mark = watch.mark();
      const known = watch.knownPosition();
      const isAtEnd = order === "asc" && after !== undefined && known !== undefined && after >= known;
      const textOf = (rows: Parameters<typeof eventPageText>[0]) =>
        eventPageText(rows, { limit, after, hasCount: true });
      const [page] = await Promise.all([
        isAtEnd ? undefined : readSharedPage(deps, { ...query, after }, "list", textOf),
        isFirst ? undefined : deps.stillAdmits(key, "read"),
      ]);
      if (page && page.rows.length > 0) return page.text;
      if (isForGood(query) && known !== undefined) after = Math.max(known, after ?? 0);

      const startedAt = performance.now();
      const outcome = await watch.wait(mark, { timeoutMs: endsAt - startedAt, signal });
      addWaitedMs(res, performance.now() - startedAt);
      if (outcome === "timed_out") return emptyText();
    }
  } finally {
    watch.end();
  }
}
