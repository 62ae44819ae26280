// A fast endpoint: answers at once and remembers when each numbered event first came. GET tells it all.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { nowMs } from "./clock.ts";

const arrivedAt: (number | undefined)[] = [];
let duplicates = 0;

const server = createServer((req, res) => {
  const chunks: Buffer[] = [];
  req.on("data", (chunk: Buffer) => chunks.push(chunk));
  req.on("end", () => {
    if (req.method === "POST") {
      res.end("ok");
      remember(Buffer.concat(chunks).toString("latin1"));
      return;
    }
    res.end(JSON.stringify({ arrivedAt: Array.from(arrivedAt, (at) => at ?? null), duplicates }));
  });
});

/** Events without a number warm things up. */
function remember(body: string) {
  const n = /"n":(\d+)/.exec(body)?.[1];
  if (n === undefined) return;
  if (arrivedAt[Number(n)] === undefined) arrivedAt[Number(n)] = nowMs();
  else duplicates += 1;
}

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ message: "listening", port: (server.address() as AddressInfo).port }));
});
