import { isReservedHeader } from "./custom-header-fault.ts";
import { signatureHeader } from "./signature.ts";

/** What a webhook tells about its event. `timestamp` is RFC 3339; `payload` is JSON text exactly as it was sent. */
export interface WebhookEvent {
  id: string;
  type: string;
  timestamp: string;
  payload: string;
}

export interface WebhookHeaderInput {
  eventId: string;
  eventType: string;
  /** The running number of this attempt, from 1. */
  attempt: number;
  /** Whole seconds since 1970, of this attempt. */
  timestampSeconds: number;
  /** Exactly what will be sent. */
  body: string | Buffer;
  /** Of the body; `application/json` when left out. */
  contentType?: string;
  /** Every live signing secret of the endpoint. */
  secrets: readonly string[];
  customHeaders?: Readonly<Record<string, string>>;
}

/** The body of a webhook, with the payload byte for byte in `data`. */
export function webhookBody({ id, type, timestamp, payload }: WebhookEvent): string {
  return `{"id":${JSON.stringify(id)},"type":${JSON.stringify(type)},"timestamp":${JSON.stringify(timestamp)},"data":${payload}}`;
}

/**
 * All headers of one attempt but those that the HTTP client sets itself, with lower-case names. Custom headers come
 * first; those with a reserved name are left out, in whichever case it is written.
 */
export function webhookHeaders(input: WebhookHeaderInput): Record<string, string> {
  const { eventId, timestampSeconds } = input;
  const custom = Object.entries(input.customHeaders ?? {})
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !isReservedHeader(name));
  return {
    ...Object.fromEntries(custom),
    "content-type": input.contentType ?? "application/json",
    "user-agent": "Triggers-API/1.0",
    "webhook-id": eventId,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": signatureHeader(input.secrets, eventId, timestampSeconds, input.body),
    "x-event-id": eventId,
    "x-event-type": encodeHeaderText(input.eventType),
    "x-delivery-attempt": String(input.attempt),
  };
}

/** Types of CloudEvents may hold any character: percent-encoded as the CloudEvents HTTP binding (§3.1.3.2) does. */
function encodeHeaderText(text: string): string {
  return text.toWellFormed().replace(/[^\x21\x23\x24\x26-\x7e]/gu, encodeURIComponent);
}
