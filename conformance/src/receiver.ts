import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { eventually } from "./eventually.ts";
import { Mismatch } from "./mismatch.ts";

export interface ReceivedWebhook {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** As it came. */
  body: string;
}

export interface Receiver {
  /** Where webhooks reach it. */
  url: string;
  received: ReceivedWebhook[];
  /** All that match, as soon as there are so many. */
  waitFor(count: number, eventId: string): Promise<ReceivedWebhook[]>;
  /** From now on; 200 until told otherwise. */
  respondWith(respond: (res: ServerResponse) => void): void;
  /** As `respondWith`, by the request's path. */
  respondToPath(respond: (path: string, res: ServerResponse) => void): void;
  close(): Promise<void>;
}

/** A server for webhooks on a free port of the address that the tested server can reach. */
export async function startReceiver(host: string): Promise<Receiver> {
  const received: ReceivedWebhook[] = [];
  let respond = (_path: string, res: ServerResponse): void => void res.end("ok");
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      received.push({
        ...{ method: req.method ?? "", path: req.url ?? "", headers: req.headers },
        body: Buffer.concat(chunks).toString("utf8"),
      });
      respond(req.url ?? "", res);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    received,
    waitFor: (count, eventId) =>
      eventually(() => {
        const found = received.filter(({ headers }) => headers["webhook-id"] === eventId);
        return found.length >= count
          ? Promise.resolve(found)
          : Promise.reject(new Mismatch(`${count} webhooks for the event ${eventId}`, String(found.length)));
      }),
    respondWith: (next) => (respond = (_path, res) => next(res)),
    respondToPath: (next) => (respond = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
