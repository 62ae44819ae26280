import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Ledger } from "./ledger.ts";
import type { EventSystem } from "./system.ts";

export type Respond = (request: IncomingMessage, response: ServerResponse) => void;

export interface Receiver {
  url: string;
  /** What a webhook is answered with; 200 until told otherwise. */
  respondWith(respond: Respond): void;
  close(): Promise<void>;
}

/** Writes every webhook that it answers with a success into the ledger; what it refuses, it has not received. */
export async function startReceiver(
  ledger: Ledger,
  readWebhook: EventSystem["readWebhook"],
): Promise<Receiver> {
  let respond: Respond = (_request, response) => void response.end("ok");
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      // Also when its sender died before it had the answer: the receiver has the event, and a repeat is a duplicate.
      response.once("close", () => {
        if (response.statusCode >= 300 || !response.writableEnded) return;
        const { id, number } = readWebhook(request.headers, body);
        ledger.noteReceipt(number, id, createHash("md5").update(body).digest("base64"));
      });
      respond(request, response);
    });
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    respondWith: (next) => (respond = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
