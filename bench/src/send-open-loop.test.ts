import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { openConnection } from "./http-connection.ts";
import { sendLoad } from "./send-load.ts";
import { sendOpenLoop } from "./send-open-loop.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(listener: RequestListener) {
  server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, path: "/", headers: {} };
}

test("a server that stops answering for a while is seen by all requests that were due meanwhile", async () => {
  let release: (() => void) | undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let count = 0;
  const target = await serve((_req, res) => {
    count += 1;
    if (count === 1) setTimeout(() => release?.(), 500);
    void held.then(() => res.writeHead(202, { "content-length": 0 }).end());
  });
  const sent = await sendOpenLoop({ target, perSecond: 50, seconds: 1, connections: 1, bodyOf: () => "{}" });
  expect(sent).toMatchObject({ accepted: 50, dropped: 0 });
  // One connection only: what was due in the first half second waited for the first answer.
  const late = sent.latenciesMs.filter((ms) => ms > 100);
  expect(late.length).toBeGreaterThan(15);
});

test("an answer other than 202 ends it with an error", async () => {
  const target = await serve((_req, res) => res.writeHead(503, { "content-length": 0 }).end());
  const load = { target, perSecond: 20, seconds: 1, connections: 2, bodyOf: () => "{}" };
  await expect(sendOpenLoop(load)).rejects.toThrow("answered with 503");
});

test("a connection that the server has closed is an error, never a wait without end", async () => {
  const target = await serve((_req, res) => {
    res.writeHead(202, { "content-length": 0, connection: "close" }).end();
  });
  const connection = await openConnection(target);
  expect(await connection.post("{}")).toBe(202);
  await expect(connection.post("{}")).rejects.toThrow();
  await expect(connection.post("{}")).rejects.toThrow("closed the connection");
});

test("answers in chunks are understood, and other statuses than 202 where they are asked for", async () => {
  const refused: number[] = [];
  let count = 0;
  const target = await serve((_req, res) => {
    res.writeHead([200, 429, 200][count++] ?? 500);
    res.write("one ");
    res.end("two");
  });
  const load = { target, connections: 1, requests: 3, bodyOf: () => "{}", accepts: [200] };
  await sendLoad({ ...load, onRefused: (status) => refused.push(status) });
  expect(refused).toEqual([429]);
});
