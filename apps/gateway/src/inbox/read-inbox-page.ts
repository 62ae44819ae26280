import { type Database, type EventRow, listInbox } from "@triggers/db";
import type { ShareRead } from "@triggers/runtime";

export type InboxPageQuery = Parameters<typeof listInbox>[1];

export interface InboxPage {
  /** One more than fits tells that there are more. */
  rows: EventRow[];
  /** The rows as they are sent: written once for all readers who share the page. */
  text: string;
}

/** A page whose query and text are shared by all who ask for it at the same time, as readers do whom one commit woke. */
export function readSharedPage(
  deps: { db: Database; shareRead: ShareRead },
  query: InboxPageQuery,
  form: "list" | "stream",
  textOf: (rows: EventRow[]) => string,
): Promise<InboxPage> {
  return deps.shareRead(`${form} ${JSON.stringify(query)}`, async () => {
    const rows = await listInbox(deps.db, query);
    return { rows, text: textOf(rows) };
  });
}

/** Whether an event that this query passed over can never match it later: then a reader need not look at it again. */
export function isForGood(query: Pick<InboxPageQuery, "selection" | "order" | "offset">): boolean {
  return query.selection === "all" && query.order === "asc" && query.offset === 0;
}
