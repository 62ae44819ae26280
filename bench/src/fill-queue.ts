import type { Target } from "./http-connection.ts";
import { batchBody } from "./sample-event.ts";
import { sendLoad } from "./send-load.ts";

/** Small enough for the publish deadline, also on a machine that is busy with other things. */
const size = 100;

/** Publishes many events in batches; `events` in whole thousands. */
export async function fillQueue(target: Target, events: number): Promise<void> {
  const body = batchBody(size);
  const batches = { ...target, path: "/api/events/batch" };
  await sendLoad({ target: batches, connections: 2, requests: Math.ceil(events / size), bodyOf: () => body });
}
