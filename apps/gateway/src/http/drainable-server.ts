import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import onHeaders from "on-headers";

export interface DrainableServer {
  /** Resolves with the port. */
  listen(port: number, host: string): Promise<number>;
  /** No new connections; resolves as soon as every request in hand is answered. */
  drain(): Promise<void>;
}

/**
 * Closing an HTTP server waits for every connection that a client keeps open, be it idle since its last answer or
 * without a request so far. So the requests are counted here, and after the last one the connections are cut.
 */
export function createDrainableServer(handle: RequestListener): DrainableServer {
  let inHand = 0;
  let isDraining = false;
  const server = createServer((req, res) => {
    inHand += 1;
    res.once("close", () => {
      inHand -= 1;
      if (isDraining) closeWhenIdle();
    });
    // Decided when the answer leaves: the drain may begin while the request is in hand.
    onHeaders(res, () => {
      if (isDraining) res.setHeader("Connection", "close");
    });
    handle(req, res);
  });
  // Longer than the idle time of common load balancers, which would otherwise reuse a connection that just closed.
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 66_000;
  server.requestTimeout = 15_000;

  function closeWhenIdle() {
    if (inHand === 0) server.closeAllConnections();
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
        server.close((error) => {
          if (error) reject(error);
          else resolve();
        });
        closeWhenIdle();
      }),
  };
}
