import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createAddressRule, createGuardedAgents, type GuardedAgents, type LookupAll } from "@triggers/egress";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { type AttemptResult, createWebhookSender, type WebhookRequest } from "../src/deliver/send-webhook.ts";

let servers: Server[];
let sockets: Set<Socket>;
let connections: number;
let agents: GuardedAgents;

const forever: LookupAll = () => undefined;
const fails =
  (code: string): LookupAll =>
  (name, _options, callback) =>
    process.nextTick(callback, Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code }), []);

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

function open(allowedCidrs: string[], lookup?: LookupAll): GuardedAgents {
  const rule = createAddressRule({ allowedCidrs });
  return createGuardedAgents({ rule, maxSocketsPerHost: 50, idleTimeoutMs: 5000, ...(lookup && { lookup }) });
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

/** A receiver that is no HTTP server: it gets the socket when the request's first bytes have come. */
const rawReceiver = (answer: (socket: Socket) => void): Promise<string> =>
  listen(createTcpServer((socket) => void socket.once("data", () => answer(socket))));

function send(url: string, more: Partial<WebhookRequest> = {}, from = agents): Promise<AttemptResult> {
  return createWebhookSender({ agents: from })({ url, headers: {}, body: "{}", timeoutMs: 5000, ...more });
}

describe("an answer", () => {
  test("of 2xx is a success, and the receiver got method, headers and body as given", async () => {
    const body = '{"data":{"n":9007199254740993,"s":"\\u0000 ü"}}';
    const headers = { "content-type": "application/json", "webhook-id": "evt_1", "user-agent": "Triggers/1" };
    let seen: unknown;
    const url = await receiver((request, answer) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        seen = {
          method: request.method,
          url: request.url,
          headers: request.headers,
          body: Buffer.concat(parts).toString(),
        };
        answer.writeHead(201, { "Set-Cookie": ["a=1", "b=2"], "retry-after": "7" }).end("thanks");
      });
    });
    const result = await send(`${url}?a=1`, { body, headers });
    expect(seen).toEqual({
      method: "POST",
      url: "/hook?a=1",
      body,
      headers: {
        ...headers,
        host: new URL(url).host,
        connection: "keep-alive",
        "content-length": `${Buffer.byteLength(body)}`,
      },
    });
    expect(result).toMatchObject({ status: 201, errorCode: null, errorDetail: null, retryAfter: "7" });
    expect(result.responseHeaders["set-cookie"]).toBe("a=1, b=2");
    expect(result.responseBody).toEqual(Buffer.from("thanks"));
  });

  test.each([
    [204, null],
    [299, null],
    [304, "redirect_refused"],
    [400, "http_status"],
    [410, "http_status"],
    [503, "http_status"],
  ])("of %i has the error code %j", async (status, errorCode) => {
    const url = await receiver((_, answer) => answer.writeHead(status).end());
    expect(await send(url)).toMatchObject({ status, errorCode });
  });

  test.each([301, 302, 303, 307, 308])("of %i is not followed", async (status) => {
    let requests = 0;
    const url = await receiver((_, answer) => {
      requests += 1;
      answer.writeHead(status, { location: "/elsewhere" }).end();
    });
    expect(await send(url)).toMatchObject({ status, errorCode: "redirect_refused" });
    expect(requests).toBe(1);
  });

  test("keeps NUL and invalid UTF-8 as bytes, the first 16 KiB of them", async () => {
    const bytes = Buffer.alloc(20_000, Buffer.from([0, 255, 0xc3, 0x28]));
    const url = await receiver((_, answer) => answer.end(bytes));
    const { status, responseBody } = await send(url);
    expect(status).toBe(200);
    expect(responseBody.equals(bytes.subarray(0, 16_384))).toBe(true);
  });

  test("of any size counts by its status: after 64 KiB the connection is closed", async () => {
    let written = 0;
    const closed = Promise.withResolvers<undefined>();
    const url = await receiver((_, answer) => {
      answer.on("close", () => closed.resolve(undefined));
      const part = Buffer.alloc(16_384);
      const pour = (): void => {
        while (!answer.destroyed && answer.write(part)) written += part.length;
      };
      answer.on("drain", pour);
      pour();
    });
    expect(await send(url)).toMatchObject({ status: 200, errorCode: null });
    await closed.promise;
    // What the sockets' buffers hold is written in vain; without the cut this would never end.
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  test("that is compressed stays so: a gzip bomb is some bytes", async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    const url = await receiver((_, answer) =>
      answer.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
    );
    const { errorCode, responseBody } = await send(url);
    expect(errorCode).toBeNull();
    expect(responseBody.equals(bomb.subarray(0, 16_384))).toBe(true);
  });

  test("has at most 64 headers and 8 KiB of them kept", async () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x-${i}`, "v"]));
    const few = { "x-big": "b".repeat(8000), "x-more": "m".repeat(300), "x-small": "s" };
    const url = await receiver((request, answer) =>
      answer.writeHead(200, request.headers["x-few"] ? few : many).end(),
    );
    expect(Object.keys((await send(url)).responseHeaders)).toHaveLength(64);
    const { responseHeaders } = await send(url, { headers: { "x-few": "1" } });
    expect(responseHeaders).toMatchObject({ "x-big": few["x-big"], "x-small": "s" });
    expect(responseHeaders).not.toHaveProperty("x-more");
  });
});

test("the duration is in whole milliseconds of the given clock", async () => {
  const times = [1000.2, 1234.9];
  const url = await receiver((_, answer) => answer.end());
  const sender = createWebhookSender({ agents, now: () => times.shift() ?? Number.NaN });
  expect(await sender({ url, headers: {}, body: "", timeoutMs: 5000 })).toMatchObject({
    status: 200,
    durationMs: 235,
  });
});

describe("a timeout", () => {
  test("ends an answer that drips, though its status came", async () => {
    const url = await receiver((_, answer) => {
      answer.writeHead(200).write("a");
      const drip = setInterval(() => answer.write("b"), 50);
      answer.on("close", () => clearInterval(drip));
    });
    const result = await send(url, { timeoutMs: 300 });
    expect(result).toMatchObject({ status: 200, errorCode: "timeout" });
    expect(result.responseBody.toString()).toMatch(/^ab/);
    expect(result.durationMs).toBeGreaterThanOrEqual(290);
    expect(result.durationMs).toBeLessThan(2000);
  });

  test("ends a dripping header, a silent receiver and a name server that never answers", async () => {
    const dripping = await rawReceiver((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nx-a: ");
      const drip = setInterval(() => socket.write("b"), 50);
      socket.on("close", () => clearInterval(drip));
    });
    const silent = await rawReceiver(() => undefined);
    const unresolved = open([], forever);
    const results = await Promise.all([
      send(dripping, { timeoutMs: 300 }),
      send(silent, { timeoutMs: 300 }),
      send("http://name.test/", { timeoutMs: 300 }, unresolved),
    ]);
    for (const result of results) expect(result).toMatchObject({ status: null, errorCode: "timeout" });
    unresolved.destroy();
  });
});

describe("a broken exchange", () => {
  test("before the answer is a reset", async () => {
    const url = await rawReceiver((socket) => socket.resetAndDestroy());
    expect(await send(url)).toMatchObject({ status: null, errorCode: "connection_reset" });
    const polite = await rawReceiver((socket) => socket.end());
    expect(await send(polite)).toMatchObject({ status: null, errorCode: "connection_reset" });
  });

  test("in the middle of the answer is a reset, with the status that came", async () => {
    const url = await rawReceiver((socket) =>
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"),
    );
    const result = await send(url);
    expect(result).toMatchObject({ status: 200, errorCode: "connection_reset" });
    expect(result.responseBody.toString()).toBe("half");
  });

  test.each([
    ["no HTTP", "220 mail.example ESMTP\r\n"],
    ["headers without end", `HTTP/1.1 200 OK\r\nx: ${"a".repeat(100_000)}`],
    ["a bad chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"],
  ])("with %s is an invalid response", async (_, bytes) => {
    const url = await rawReceiver((socket) => socket.write(bytes));
    expect(await send(url)).toMatchObject({ errorCode: "invalid_response" });
  });

  test("with nobody there is a refused connection", async () => {
    const url = await receiver(() => undefined);
    await new Promise((closed) => servers.pop()?.close(closed));
    expect(await send(url)).toMatchObject({ status: null, errorCode: "connection_refused" });
  });

  test.each(["ENOTFOUND", "EAI_AGAIN"])("with the lookup error %s is a DNS failure", async (code) => {
    const unresolved = open([], fails(code));
    expect(await send("http://name.test/", {}, unresolved)).toMatchObject({
      status: null,
      errorCode: "dns_failure",
    });
  });

  test("with a refused address sends not one byte", async () => {
    const url = await receiver((_, answer) => answer.end());
    expect(await send(url, {}, open([]))).toMatchObject({ status: null, errorCode: "address_refused" });
    expect(connections).toBe(0);
  });

  test.each([
    ["a header", { headers: { "x-a": "line\nbreak" } }],
    ["a URL", { url: "not a url?token=secret" }],
  ])("that cannot be sent for %s is a result and no exception, without secrets", async (_, broken) => {
    const result = await send("http://127.0.0.1:1/", broken);
    expect(result).toMatchObject({ status: null, errorCode: "invalid_request" });
    expect(result.errorDetail).not.toMatch(/secret|line/);
  });
});
