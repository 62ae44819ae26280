import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createAddressRule, createGuardedAgents, type GuardedAgents } from "@triggers/egress";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { type AttemptResult, createWebhookSender, type WebhookRequest } from "../src/deliver/send-webhook.ts";

let servers: Server[];
let sockets: Set<Socket>;
let connections: number;
let agents: GuardedAgents;

beforeEach(() => {
  servers = [];
  sockets = new Set();
  connections = 0;
  agents = open(["127.0.0.0/8"]);
});

afterEach(async () => {
  agents.destroy();
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
});

function open(allowedCidrs: string[]): GuardedAgents {
  const rule = createAddressRule({ allowedCidrs });
  return createGuardedAgents({ rule, maxSocketsPerHost: 50, idleTimeoutMs: 5000 });
}

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

const receiver = (answer: RequestListener): Promise<string> => listen(createServer(answer));

function send(url: string, more: Partial<WebhookRequest> = {}): Promise<AttemptResult> {
  return createWebhookSender({ agents })({ url, headers: {}, body: "{}", timeoutMs: 5000, ...more });
}

describe("an interrupt", () => {
  test("ends many waiting attempts that share its signal, with their connections", async () => {
    const waiting = Promise.withResolvers<undefined>();
    const drain = new AbortController();
    const sender = createWebhookSender({ agents });
    const url = await receiver(() => {
      if (connections === 20) waiting.resolve(undefined);
    });
    const request = { url, headers: {}, body: "{}", timeoutMs: 5000, signal: drain.signal };
    const results = Promise.all(Array.from({ length: 20 }, () => sender(request)));
    await waiting.promise;
    const closed = Promise.all([...sockets].map((socket) => once(socket, "close")));
    drain.abort();
    for (const result of await results)
      expect(result).toMatchObject({ status: null, errorCode: "interrupted" });
    await closed;
    expect(await sender(request)).toMatchObject({ errorCode: "interrupted" });
    expect(connections).toBe(20);
  });

  test("after the answer changes nothing", async () => {
    const controller = new AbortController();
    const url = await receiver((_, answer) => answer.end("ok"));
    const result = await send(url, { signal: controller.signal });
    controller.abort();
    expect(result).toMatchObject({ status: 200, errorCode: null });
    expect(await send(url)).toMatchObject({ status: 200 });
    expect(connections).toBe(1);
  });
});

describe("connections", () => {
  test("are reused: twenty attempts, also failed ones, take one", async () => {
    const url = await receiver((request, answer) => {
      request.resume();
      answer.writeHead(request.headers["x-status"] === "500" ? 500 : 200).end("x".repeat(60_000));
    });
    for (let i = 0; i < 20; i += 1) await send(url, { headers: { "x-status": i % 2 ? "500" : "200" } });
    expect(connections).toBe(1);
  });

  test("that the receiver closed while idle are replaced", async () => {
    const url = await receiver((_, answer) => answer.end("ok"));
    await send(url);
    const idle = Object.values(agents.http.freeSockets)[0]?.[0];
    const noticed = idle && once(idle, "close");
    for (const socket of sockets) socket.end();
    await noticed;
    expect(await send(url)).toMatchObject({ status: 200, errorCode: null });
    expect(connections).toBe(2);
  });

  test("that the receiver resets when they are used again are a failed attempt, sent once", async () => {
    let requests = 0;
    const url = await receiver((request, answer) => {
      requests += 1;
      if (requests === 1) answer.end("ok");
      else request.socket.resetAndDestroy();
    });
    expect(await send(url)).toMatchObject({ status: 200 });
    expect(await send(url)).toMatchObject({ status: null, errorCode: "connection_reset" });
    expect({ requests, connections }).toEqual({ requests: 2, connections: 1 });
  });
});
