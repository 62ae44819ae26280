import type { Request } from "express";
import { mediaTypeOf } from "../http/read-body.ts";

/** How a request carries CloudEvents (HTTP binding §3), or undefined when it is none. */
export type CloudEventMode = "structured" | "binary" | "batch";

export const structuredType = "application/cloudevents+json";
export const batchType = "application/cloudevents-batch+json";

/** What every event in binary mode has; one of them is enough to tell what is missing. */
const requiredHeaders = ["ce-specversion", "ce-id", "ce-source", "ce-type"];

export function cloudEventModeOf(req: Request): CloudEventMode | undefined {
  const mediaType = mediaTypeOf(req);
  if (mediaType === structuredType) return "structured";
  if (mediaType === batchType) return "batch";
  // Another format of events, such as Avro: not a binary-mode event of that type.
  if (mediaType?.startsWith("application/cloudevents") === true) return undefined;
  return requiredHeaders.some((name) => req.headers[name] !== undefined) ? "binary" : undefined;
}
