import { createServer, type RequestListener, type ServerOptions, type ServerResponse } from "node:http";
import { type AddressInfo, Server as NetServer } from "node:net";
import { refuseClientError } from "./refuse-client-error.ts";

export interface DrainableServer {
  /** Resolves with the port. */
  listen(port: number, host: string): Promise<number>;
  /** No new connections; resolves when every request is answered that came before the end of the notice. */
  drain(): Promise<void>;
}

export interface ServerTimes {
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  /** How long idle connections stay when the server drains. */
  noticeMs: number;
}

/**
 * Closing an HTTP server waits for every connection that a client keeps open, be it idle since its last answer or
 * without a request so far. So the requests are counted here, and after the last one the connections are cut.
 *
 * On an idle connection a request may be under way that nobody here has seen yet. So for `noticeMs` idle connections stay,
 * and every answer tells its client to use another one from now on.
 */
export function createDrainableServer(
  handle: RequestListener,
  { headersTimeoutMs, requestTimeoutMs, noticeMs }: ServerTimes,
  messages: Pick<ServerOptions, "IncomingMessage" | "ServerResponse"> = {},
): DrainableServer {
  const inHand = new Set<ServerResponse>();
  let isDraining = false;
  let isNoticeOver = false;
  // Node.js looks for slow clients only every so often; by default that is longer than they may take.
  const connectionsCheckingInterval = Math.min(headersTimeoutMs, 2_000);
  const server = createServer({ connectionsCheckingInterval, ...messages }, (req, res) => {
    inHand.add(res);
    res.on("close", () => {
      inHand.delete(res);
      if (isDraining) closeWhenIdle();
    });
    if (isDraining) sendElsewhere(res);
    handle(req, res);
  });
  // Longer than the idle time of common load balancers, which would otherwise reuse a connection that just closed.
  server.keepAliveTimeout = 65_000;
  // The smaller one of the two: the other way round Node.js exchanges them.
  server.headersTimeout = Math.min(headersTimeoutMs, requestTimeoutMs);
  server.requestTimeout = requestTimeoutMs;
  server.on("clientError", refuseClientError);

  function closeWhenIdle() {
    if (isNoticeOver && inHand.size === 0) server.closeAllConnections();
  }

  /** The client learns it from the answer, unless that is under way already. */
  function sendElsewhere(res: ServerResponse) {
    if (!res.headersSent) res.setHeader("Connection", "close");
  }

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, host, () => {
          server.off("error", reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    drain: () =>
      new Promise((resolve, reject) => {
        isDraining = true;
        inHand.forEach(sendElsewhere);
        const notice = setTimeout(() => {
          isNoticeOver = true;
          closeWhenIdle();
        }, noticeMs);
        // The HTTP server's own `close` would cut the idle connections at once.
        NetServer.prototype.close.call(server, (error) => {
          clearTimeout(notice);
          if (error) reject(error);
          else resolve();
        });
      }),
  };
}
