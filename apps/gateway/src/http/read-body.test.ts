import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "@jest/globals";
import express, { type ErrorRequestHandler } from "express";
import { bodyOf, createBodyReader } from "./read-body.ts";

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** Answers with the body; `handled` are the bodies and the errors' codes that came. */
async function startEcho(limitBytes: number) {
  const handled: string[] = [];
  const app = express();
  app.use(createBodyReader(limitBytes), (req, res) => {
    handled.push(bodyOf(req).toString());
    res.set("Connection", "close").send(bodyOf(req));
  });
  app.use(((error: { code?: string; type?: string }, _req, res, next) => {
    handled.push(error.code ?? error.type ?? "");
    if (res.headersSent) next(error);
    else res.set("Connection", "close").status(400).end();
  }) satisfies ErrorRequestHandler);
  const server = createServer(app).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { handled, server, open: () => connect(port, "127.0.0.1") };
}

const head = (...lines: string[]) => `${["POST / HTTP/1.1", "host: x", ...lines].join("\r\n")}\r\n\r\n`;

test.each([
  ["content-length: 200000", "a".repeat(200_000)],
  ["transfer-encoding: chunked", `30d40\r\n${"a".repeat(200_000)}\r\n0\r\n\r\n`],
])("a body with %s is there as it was sent, although it comes in pieces", async (line, sent) => {
  const { handled, open } = await startEcho(200_000);
  const socket = open();
  socket.write(head(line) + sent);
  await text(socket);
  expect(handled).toEqual(["a".repeat(200_000)]);
});

test("a body that is longer than its limit is refused, announced or not", async () => {
  const { handled, open } = await startEcho(5);
  const [announced, chunked] = [open(), open()];
  announced.write(`${head("content-length: 6")}abcdef`);
  chunked.write(`${head("transfer-encoding: chunked")}6\r\nabcdef\r\n0\r\n\r\n`);
  await Promise.all([text(announced), text(chunked)]);
  expect(handled).toEqual(["entity.too.large", "entity.too.large"]);
});

test("a client that leaves in the middle of its body is not taken for one that sent it", async () => {
  const { handled, server, open } = await startEcho(6);
  const socket = open();
  socket.write(`${head("content-length: 6")}abc`);
  const [, res] = (await once(server, "request")) as [unknown, NodeJS.EventEmitter];
  const closed = once(res, "close");
  socket.destroy();
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  expect(handled).toEqual(["invalid_request"]);
});
