import type { EventJob } from "@triggers/domain";
import type { Submission } from "../events/submission.ts";
import type { CloudEventAttributes } from "./cloud-event-schema.ts";

/** Whose event it is and which request brought it. */
export interface Origin {
  organizationId: string;
  requestId: string;
}

/**
 * `payload` is JSON text: the data as it was sent where that was JSON, a JSON string of text, `{"data_base64"}` of bytes,
 * null where there was none. `encoding` tells the latter two from data that looks like them.
 */
export interface CloudEventData {
  payload: string;
  encoding: "json" | "base64" | "none";
}

/** An event of the same kind as any other; what has no place in one of its fields is kept as the job's `ce`. */
export function toSubmission(
  { organizationId, requestId }: Origin,
  attributes: CloudEventAttributes,
  { payload, encoding }: CloudEventData,
): Submission {
  const { source, id, type, time } = attributes;
  // Members that are undefined are left out of the text: these stand elsewhere.
  const elsewhere = { type: undefined, data: undefined, data_base64: undefined };
  const kept = {
    ...attributes,
    ...elsewhere,
    data_encoding: encoding === "json" ? undefined : encoding,
  };
  const job: EventJob = {
    v: 1,
    org: organizationId,
    type,
    payload,
    // For readers; a source has no spaces, so no two pairs look the same.
    dedup: `${source} ${id}`,
    ...(time === undefined ? {} : { at: Date.parse(time) }),
    ce: JSON.stringify(kept),
    req: requestId,
  };
  return { job, dedupParts: [source, id] };
}
