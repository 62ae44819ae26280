// Endpoints of three kinds, by path: /healthy/<slot> answers at once, /failing/<slot> with a 500, /hanging/<slot> never.
// It remembers when each numbered event first came to a slot. GET tells it all, GET /count how many
// came to healthy ones.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { nowMs } from "./clock.ts";

const slots = 3;
const arrivedAt: (number | undefined)[] = [];
let arrived = 0;
let duplicates = 0;

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    const [, kind, slot] = (req.url ?? "").split("/");
    if (req.method === "GET" && kind === "count") {
      res.end(String(arrived));
    } else if (req.method === "GET") {
      res.end(JSON.stringify({ arrivedAt: Array.from(arrivedAt, (at) => at ?? null), duplicates }));
    } else if (kind === "healthy") {
      res.end("ok");
      arrived += 1;
      remember(Buffer.concat(chunks).toString("latin1"), Number(slot));
    } else if (kind === "failing") {
      res.writeHead(500).end("out of order");
    }
  });
});

/** Events without a number warm things up. */
function remember(body: string, slot: number) {
  const n = /"n":(\d+)/.exec(body)?.[1];
  if (n === undefined) return;
  const place = Number(n) * slots + slot;
  if (arrivedAt[place] === undefined) arrivedAt[place] = nowMs();
  else duplicates += 1;
}

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ message: "listening", port: (server.address() as AddressInfo).port }));
});
