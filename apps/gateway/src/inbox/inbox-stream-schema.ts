import Joi from "joi";
import { storableText } from "../http/storable-text.ts";
import { decodeCursor } from "./cursor.ts";

export interface InboxStreamQuery {
  from: string;
  event_type?: string;
  subscriber?: string;
}

export const inboxStreamSchema = Joi.object<InboxStreamQuery>({
  from: Joi.string()
    .max(64)
    .default("start")
    .description("`start`, `now`, or the cursor of a list or stream. `Last-Event-ID` goes before it."),
  event_type: storableText(255),
  subscriber: storableText(255),
});

export const inboxStreamHeaders = Joi.object({
  "last-event-id": Joi.string()
    .max(64)
    .description("The last `id:` that the client got, as browsers send it: goes on behind it."),
});

/** Where a stream begins: a position, or "now". An empty `Last-Event-ID` counts as none. */
export function startOfStream(lastEventId: string | string[] | undefined, from: string): number | "now" {
  if (typeof lastEventId === "string" && lastEventId !== "") {
    return decodeCursor(lastEventId, "Last-Event-ID");
  }
  if (from === "now") return "now";
  return from === "start" ? 0 : decodeCursor(from, "from");
}
