import { eventBody } from "./sample-event.ts";
import { sendLoad } from "./send-load.ts";
import { startBareServer } from "./servers.ts";

const connections = 50;

/** What the load generator can send at most: requests per second, answered with a bare 202. */
export async function measureCeiling(): Promise<string> {
  const { process: server, target } = await startBareServer();
  try {
    await sendLoad({ target, connections, requests: 5_000, bodyOf: eventBody });
    const requests = 20_000;
    const { elapsedMs } = await sendLoad({ target, connections, requests, bodyOf: eventBody });
    return `${Math.round(requests / (elapsedMs / 1_000))} requests/s at ${connections} connections against a bare 202`;
  } finally {
    await server.stop();
  }
}
