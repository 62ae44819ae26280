import type { ApiClient } from "@triggers/testing";

/** Publishes events one after another over a few connections at once and returns the ids of the 202s. */
export async function publishMany(
  client: ApiClient,
  count: number,
  type = "order.created",
): Promise<string[]> {
  const ids: string[] = [];
  let next = 0;
  const sender = async () => {
    while (next < count) {
      const number = next++;
      ids.push(await publishOne(client, { type, payload: { number } }));
    }
  };
  await Promise.all(Array.from({ length: 10 }, sender));
  return ids;
}

/** The id of an event that was accepted. */
export async function publishOne(client: ApiClient, event: Record<string, unknown> = {}): Promise<string> {
  const answer = await client.publish({ type: "order.created", payload: {}, ...event });
  if (answer.status !== 202) throw new Error(`not accepted: ${answer.status} ${answer.text}`);
  return (answer.body as { id: string }).id;
}

/** Many at once, for a backlog. */
export async function publishBatch(
  client: ApiClient,
  count: number,
  event: Record<string, unknown> = {},
): Promise<void> {
  const events = Array.from({ length: count }, () => ({ type: "order.created", payload: {}, ...event }));
  for (let start = 0; start < count; start += 1_000) {
    const answer = await client.request("POST", "/api/events/batch", {
      events: events.slice(start, start + 1_000),
    });
    if (answer.status !== 202) throw new Error(`the batch was not accepted: ${answer.text}`);
  }
}
