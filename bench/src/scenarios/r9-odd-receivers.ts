import { readFileSync } from "node:fs";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type DeliverySystem, publishBacklog, startDeliverySystem } from "../delivery-system.ts";
import type { Scenario } from "../scenario.ts";
import type { Stack } from "../stack.ts";

const eventsEach = 20;
const timeoutMs = 2_000;
const megabytes = 10;

const head = (status: string, ...headers: string[]) =>
  `HTTP/1.1 ${status}\r\n${["connection: close", ...headers].join("\r\n")}\r\n\r\n`;
const says = (status: string, ...headers: string[]) => {
  return (socket: Socket) => void socket.end(head(status, "content-length: 0", ...headers));
};

const receivers: Record<string, (socket: Socket) => void> = {
  resets: (socket) => void socket.resetAndDestroy(),
  "drips a byte a second": (socket) => {
    socket.write(head("200 OK", "content-length: 100"));
    const timer = setInterval(() => socket.write("x"), 1_000);
    socket.on("close", () => clearInterval(timer));
  },
  "answers 10 MB": (socket) => {
    socket.write(head("200 OK", `content-length: ${megabytes * 1_048_576}`));
    socket.end(Buffer.alloc(megabytes * 1_048_576, "y"));
  },
  redirects: says("302 Found", "location: http://127.0.0.1:1/"),
  "is gone": says("410 Gone"),
  "asks for an hour": says("429 Too Many Requests", "retry-after: 3600"),
  "speaks no TLS": (socket) => void socket.end("220 mail\r\n"),
  "answers NUL bytes": (socket) => {
    socket.write(head("200 OK", "content-length: 64"));
    socket.end(Buffer.alloc(64));
  },
};

interface Outcome {
  organization_id: string;
  outcomes: string;
  longest_ms: number;
  longest_body: number;
}

/** R9: what each kind of odd receiver comes to, how long it takes, and what it costs the worker in memory. */
export async function measureOddReceivers(stack: Stack): Promise<Scenario> {
  const system = await startDeliverySystem(stack);
  const servers: Server[] = [];
  const titles = new Map<string, string>();
  const before = residentMegabytes(system);
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, residentMegabytes(system))), 100);
  for (const [title, answer] of Object.entries(receivers)) {
    const server = await listen(answer);
    servers.push(server);
    const scheme = title === "speaks no TLS" ? "https" : "http";
    const url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const client = await system.createClient(url, timeoutMs);
    titles.set(client.organizationId, title);
    await publishBacklog(client, eventsEach);
  }
  // Long enough for the timeouts of the one that drips, one after another, until its breaker opens.
  await pause(timeoutMs * 6);
  const found = await system.query<Outcome>(`
    SELECT organization_id, max(duration_ms) AS longest_ms, max(length(response_body)) AS longest_body,
      string_agg(DISTINCT coalesce(response_status::text, 'none') || ' ' || coalesce(error_code, 'delivered'), ', ') AS outcomes
    FROM attempts GROUP BY organization_id`);
  clearInterval(sampling);
  await system.stop();
  for (const server of servers) server.close();
  const rows = found
    .map(({ organization_id, outcomes, longest_ms, longest_body }) => [
      titles.get(organization_id) ?? "?",
      outcomes,
      String(longest_ms),
      String(longest_body),
    ])
    .sort();
  if (rows.length !== titles.size) throw new Error(`${titles.size - rows.length} receivers got no attempt.`);
  return {
    title: `odd receivers, ${eventsEach} events each, timeout ${timeoutMs} ms; worker ${before} MB before, ${peak} MB at most`,
    rows: [["receiver", "status and error code", "longest ms", "most bytes kept"], ...rows],
    figures: [],
    raw: { found, before, peak },
  };
}

async function listen(answer: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => answer(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Linux: resident set, proc(5). */
function residentMegabytes({ worker }: DeliverySystem): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${worker.pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kilobytes) / 1_024);
}
