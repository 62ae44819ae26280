import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export interface HangingReceiver {
  url: string;
  /** Resolves when so many requests are open or were, or after 30 s. */
  waitFor(count: number): Promise<void>;
  count(): number;
  /** Requests whose sender has given up. */
  countCut(): number;
  close(): Promise<void>;
}

/** Takes every request and answers none. */
export async function startHangingReceiver(): Promise<HangingReceiver> {
  let taken = 0;
  let cut = 0;
  const server = createServer((request, response) => {
    taken += 1;
    response.once("close", () => (cut += 1));
    request.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async waitFor(count) {
      for (let waitedMs = 0; taken < count && waitedMs < 30_000; waitedMs += 50) await pause(50);
    },
    count: () => taken,
    countCut: () => cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
