import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedWebhook {
  path: string;
  headers: IncomingHttpHeaders;
  /** As it came. */
  body: Buffer;
  receivedAt: number;
}

/** Answers a webhook; may take its time. */
export type Respond = (webhook: ReceivedWebhook, res: ServerResponse) => void | Promise<void>;

export interface Receiver {
  url: string;
  /** All that came, in order. */
  received: ReceivedWebhook[];
  /** The most requests that were open at the same time, for each `webhook-id`. */
  mostAtOnce(webhookId: string): number;
  /** Resolves as soon as `count` webhooks that match have come. */
  waitFor(count: number, matches?: (webhook: ReceivedWebhook) => boolean): Promise<ReceivedWebhook[]>;
  respondWith(respond: Respond): void;
  close(): Promise<void>;
}

/** A real HTTP server on a free port; it answers 200 unless told otherwise. */
export async function startReceiver(
  respond: Respond = (_webhook, res) => void res.end("ok"),
): Promise<Receiver> {
  const received: ReceivedWebhook[] = [];
  const waiters = new Set<() => void>();
  const open = new Map<string, number>();
  const most = new Map<string, number>();
  let current = respond;

  const server = createServer((req, res) => {
    const id = String(req.headers["webhook-id"]);
    const chunks: Buffer[] = [];
    open.set(id, (open.get(id) ?? 0) + 1);
    most.set(id, Math.max(most.get(id) ?? 0, open.get(id) ?? 0));
    res.once("close", () => open.set(id, (open.get(id) ?? 1) - 1));
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const webhook = {
        path: req.url ?? "",
        headers: req.headers,
        body: Buffer.concat(chunks),
        receivedAt: Date.now(),
      };
      received.push(webhook);
      for (const check of waiters) check();
      void current(webhook, res);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    mostAtOnce: (id) => most.get(id) ?? 0,
    waitFor: (count, matches = () => true) =>
      new Promise((resolve) => {
        const check = () => {
          const found = received.filter(matches);
          if (found.length < count) return;
          waiters.delete(check);
          resolve(found);
        };
        waiters.add(check);
        check();
      }),
    respondWith: (next) => (current = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
