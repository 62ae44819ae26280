import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface BadReceiver {
  urlOf(kind: string): string;
  close(): Promise<void>;
}

const megabyte = Buffer.alloc(1_048_576, "x");

const behaviours: Record<string, (response: ServerResponse) => void> = {
  reset: (response) => void response.socket?.resetAndDestroy(),
  silence: () => undefined,
  drip(response) {
    response.writeHead(200);
    const timer = setInterval(() => response.write("."), 1_000);
    response.once("close", () => clearInterval(timer));
  },
  flood(response) {
    response.writeHead(200);
    for (let count = 0; count < 10; count += 1) response.write(megabyte);
    response.end();
  },
  redirect: (response) => void response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  gone: (response) => void response.writeHead(410).end(),
  busy: (response) => void response.writeHead(429, { "retry-after": "120" }).end(),
  nul: (response) => void response.writeHead(200, { "x-strange": "\u00ff\u0080" }).end(Buffer.alloc(512)),
  garbage: (response) => void response.socket?.end("this is no HTTP\r\n\r\n"),
};

/** One server; the path says how it misbehaves. `tls` is a plain server where TLS is expected. */
export async function startBadReceiver(): Promise<BadReceiver> {
  const server = createServer((request, response) => {
    request.resume();
    request.once("end", () => behaviours[request.url?.slice(1) ?? ""]?.(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (kind) => `${kind === "tls" ? "https" : "http"}://127.0.0.1:${port}/${kind}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
