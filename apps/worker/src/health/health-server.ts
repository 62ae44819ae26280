import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "@triggers/runtime";

export interface HealthSources {
  /** Reasons why this worker does nothing at all. */
  blockers: () => string[];
  down: () => string[];
  /** Undefined where the metrics have a port of their own. */
  metrics: Registry | undefined;
}

export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/** `/health/live`, `/health/ready` and `/metrics` for the platform that runs the worker; the first two answered from memory. */
export async function startHealthServer(
  port: number,
  host: string,
  sources: HealthSources,
): Promise<HealthServer> {
  const server = createServer((req, res) => {
    const { metrics } = sources;
    if (req.url === "/metrics" && metrics) {
      metrics.metrics().then(
        (text) => res.writeHead(200, { "Content-Type": metrics.contentType }).end(text),
        () => res.writeHead(500).end(),
      );
      return;
    }
    const [status, body] = answer(req.url ?? "/", sources);
    res.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
  });
  await listen(server, port, host);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(url: string, { blockers, down }: HealthSources): [number, object] {
  if (url === "/health/live" || url === "/health") return [200, { status: "live" }];
  if (url !== "/health/ready") return [404, { status: "not_found" }];
  if (blockers().length > 0) return [503, { status: "not_ready", reasons: blockers(), down: down() }];
  return down().length > 0 ? [200, { status: "degraded", down: down() }] : [200, { status: "ready" }];
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
