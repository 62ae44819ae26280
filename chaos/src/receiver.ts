import { createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Ledger } from "./ledger.ts";
import type { EventSystem, StoredEvent } from "./system.ts";

/** `attempt` counts the requests for this event from 1. */
export type Respond = (event: StoredEvent, response: ServerResponse, attempt: number) => void;

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
  const attempts = new Map<number, number>();
  let respond: Respond = (_event, response) => void response.end("ok");
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const event = readWebhook(request.headers, body);
      const attempt = (attempts.get(event.number) ?? 0) + 1;
      attempts.set(event.number, attempt);
      // Also when its sender died before it had the answer: the receiver has the event, and a repeat is a duplicate.
      response.once("close", () => {
        if (response.statusCode >= 300 || !response.writableEnded) return;
        ledger.noteReceipt(event.number, event.id, createHash("md5").update(body).digest("base64"));
      });
      respond(event, response, attempt);
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
