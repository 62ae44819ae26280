/** What a webhook in the CloudEvents format tells about its event; `payload` is JSON text as it was kept. */
export interface CloudEventInput {
  id: string;
  organizationId: string;
  type: string;
  /** RFC 3339; used where the event brought no `time` of its own. */
  timestamp: string;
  payload: string;
  /** The attributes that it came with (`ce` of its job), where it came as a CloudEvent. */
  cloudevent: string | null;
}

/**
 * A CloudEvent 1.0.2 in the JSON format. Attributes and extensions come out as they came in, but for `id`, which is the
 * event's own here as everywhere; `data` is the payload byte for byte. An event that was no CloudEvent has its
 * organization as the source.
 */
export function cloudEventBody({
  id,
  organizationId,
  type,
  timestamp,
  payload,
  cloudevent,
}: CloudEventInput): string {
  const came = cloudevent === null ? undefined : (JSON.parse(cloudevent) as Record<string, unknown>);
  const { data_encoding: encoding = "json", ...kept } = came ?? {
    source: `urn:uuid:${organizationId}`,
    datacontenttype: "application/json",
  };
  // Members that are undefined are left out of the text; these names come first and once.
  const attributes = { specversion: "1.0", id, source: undefined, type, time: timestamp, ...kept };
  const text = JSON.stringify({ ...attributes, specversion: "1.0", id, type });
  return `${text.slice(0, -1)}${dataMember(encoding, payload)}}`;
}

function dataMember(encoding: unknown, payload: string): string {
  if (encoding === "none") return "";
  // Kept as the object {"data_base64":"…"}: its member is what the format wants here.
  if (encoding === "base64") return `,${payload.slice(1, -1)}`;
  return `,"data":${payload}`;
}
