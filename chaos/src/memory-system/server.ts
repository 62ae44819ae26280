// An event server as it is often begun: it answers 202 when it has put the event into an array. It is here to be
// reported as losing.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { StoredEvent } from "../system.ts";

interface Submission {
  client: string;
  number: number;
  dedupId?: string;
  webhook?: string;
}

const eventsOf = new Map<string, StoredEvent[]>();
const idOfDedup = new Map<string, string>();
const retryMs = 1_000;

const server = createServer((request, response) => {
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  if (request.method === "GET") {
    answer(200, eventsOf.get(request.url?.slice(1) ?? "") ?? []);
    return;
  }
  void readSubmission(request).then((submission) => {
    if (!submission) return answer(400, { error: "this is no event" });
    const { client, number, dedupId, webhook } = submission;
    const known = dedupId === undefined ? undefined : idOfDedup.get(`${client} ${dedupId}`);
    if (known !== undefined) return answer(409, { id: known });
    const event = { id: randomUUID(), number };
    if (dedupId !== undefined) idOfDedup.set(`${client} ${dedupId}`, event.id);
    const events = eventsOf.get(client) ?? [];
    events.push(event);
    eventsOf.set(client, events);
    if (webhook !== undefined) void deliver(webhook, event);
    return answer(202, { id: event.id });
  });
});
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ message: "listening", port: (server.address() as AddressInfo).port }));
});

async function readSubmission(request: IncomingMessage): Promise<Submission | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    const submission = JSON.parse(Buffer.concat(chunks).toString()) as Submission;
    return typeof submission.number === "number" ? submission : undefined;
  } catch {
    return undefined;
  }
}

async function deliver(url: string, event: StoredEvent): Promise<void> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(event) }).catch(() => undefined);
  await answer?.body?.cancel();
  if (answer?.ok !== true) setTimeout(() => void deliver(url, event), retryMs);
}
