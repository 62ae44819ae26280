/**
 * So many consumers lease 100 events and acknowledge them, until `events` are done in all. Returns events per second.
 * Throws when one event came twice, or not every one was acknowledged.
 */
export async function drainInbox(
  url: string,
  apiKey: string,
  consumers: number,
  events: number,
): Promise<number> {
  const headers = { "x-api-key": apiKey, "content-type": "application/json" };
  const post = async (verb: string, body: object) => {
    const answer = await fetch(`${url}/api/inbox/${verb}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    if (answer.status !== 200) throw new Error(`${verb}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { lease_id: string; acknowledged: number; events: { id: string }[] };
  };
  const seen = new Set<string>();
  let leased = 0;
  let acknowledged = 0;
  const consume = async () => {
    while (leased < events) {
      leased += 100;
      const lease = await post("lease", { limit: 100 });
      for (const { id } of lease.events) seen.add(id);
      const done = await post("ack", { lease_id: lease.lease_id });
      acknowledged += done.acknowledged;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: consumers }, consume));
  const seconds = (performance.now() - startedAt) / 1_000;
  if (seen.size !== leased || acknowledged !== leased)
    throw new Error(
      `${leased} events were leased, ${seen.size} different ones, ${acknowledged} acknowledged.`,
    );
  return acknowledged / seconds;
}
