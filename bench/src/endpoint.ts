import { fileURLToPath } from "node:url";
import { startApp } from "@triggers/testing";

export interface Arrivals {
  /** Of `nowMs`, by the number of the event; null for one that has not come. */
  arrivedAt: (number | null)[];
  duplicates: number;
}

export interface Endpoint {
  url: string;
  pid: number;
  arrivals(): Promise<Arrivals>;
  stop(): Promise<unknown>;
}

/** One fast endpoint in a process of its own. */
export async function startEndpoint(): Promise<Endpoint> {
  const app = await startApp(fileURLToPath(new URL("./receiver-server.ts", import.meta.url)), {});
  return {
    url: `${app.url}/hooks`,
    pid: app.pid,
    arrivals: async () => (await (await fetch(app.url)).json()) as Arrivals,
    stop: () => app.stop(),
  };
}
