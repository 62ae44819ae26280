import { openEventStream } from "@triggers/testing";
import type { Follower, Lease, StoredEvent } from "../system.ts";
import { call } from "./public-api.ts";

interface ShownEvent {
  id: string;
  payload: { n: number };
}

const storedEvent = ({ id, payload }: ShownEvent): StoredEvent => ({ id, number: payload.n });

/** The inbox's server-sent events: all of them, whatever has become of them. */
export async function followStream(
  url: string,
  apiKey: string,
  cursor: string | undefined,
  onEvent: (event: StoredEvent, cursor: string) => void,
): Promise<Follower> {
  const from = encodeURIComponent(cursor ?? "start");
  const stream = await openEventStream(
    `${url}/api/inbox/stream?from=${from}`,
    { "x-api-key": apiKey },
    ({ data, cursor: behind }) => {
      onEvent(storedEvent(JSON.parse(data) as ShownEvent), behind);
    },
  );
  if (stream.status !== 200) throw new Error(`The stream answers ${stream.status} ${stream.text()}`);
  return stream;
}

export async function leaseEvents(url: string, apiKey: string, limit: number): Promise<Lease> {
  const leased = (await call(url, apiKey, "POST", "/api/inbox/lease", { limit, lease_seconds: 3_600 })) as {
    lease_id: string | null;
    events: ShownEvent[];
  };
  return { id: leased.lease_id ?? undefined, events: leased.events.map(storedEvent) };
}

export async function acknowledgeLease(url: string, apiKey: string, { id }: Lease): Promise<number> {
  const answer = (await call(url, apiKey, "POST", "/api/inbox/ack", { lease_id: id })) as {
    acknowledged: number;
  };
  return answer.acknowledged;
}
