import type { EventRow } from "@triggers/db";
import { eventText } from "../events/event-view.ts";
import { encodeCursor } from "./cursor.ts";

/** How long a client shall wait before it connects again. */
const retryMs = 1_000;

/** The blocks of some events. A payload may hold line ends between its tokens: each line gets a `data:` of its own. */
export function sseTextOf(events: readonly EventRow[]): string {
  return events
    .map((event) => {
      const data = eventText(event).replace(/\r\n|\r|\n/g, "\ndata: ");
      return `id: ${encodeCursor(event.position)}\nevent: message\ndata: ${data}\n\n`;
    })
    .join("");
}

/** Comes first: a client that is cut off before its first event already knows where it was. A block without data calls nobody. */
export function sseStart(position: number): string {
  return `retry: ${retryMs}\nid: ${encodeCursor(position)}\n\n`;
}

/** A comment; with the position of a reader that has passed events which were not for it. */
export function sseHeartbeat(passed: number | undefined): string {
  return passed === undefined ? ":\n\n" : `:\nid: ${encodeCursor(passed)}\n\n`;
}
