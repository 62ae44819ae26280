import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import onHeaders from "on-headers";
import { refuseClientError } from "./refuse-client-error.ts";

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
export function createDrainableServer(
  handle: RequestListener,
  { headersTimeoutMs, requestTimeoutMs }: { headersTimeoutMs: number; requestTimeoutMs: number },
): DrainableServer {
  let inHand = 0;
  let isDraining = false;
  // Node.js looks for slow clients only every so often; by default that is longer than they may take.
  const connectionsCheckingInterval = Math.min(headersTimeoutMs, 2_000);
  const server = createServer({ connectionsCheckingInterval }, (req, res) => {
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
  // The smaller one of the two: the other way round Node.js exchanges them.
  server.headersTimeout = Math.min(headersTimeoutMs, requestTimeoutMs);
  server.requestTimeout = requestTimeoutMs;
  server.on("clientError", refuseClientError);

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
