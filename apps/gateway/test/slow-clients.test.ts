import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiClient, callApi } from "@triggers/testing";
import { startTestGateway, type TestGateway } from "./start-test-gateway.ts";

let gateway: TestGateway;
let client: ApiClient;

beforeAll(async () => {
  gateway = await startTestGateway({ HEADERS_TIMEOUT_MS: "300", REQUEST_TIMEOUT_MS: "900" });
  client = await gateway.createClient();
});
afterAll(() => gateway.stop());

function open(): Socket {
  const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
  // The server may hang up at any time.
  socket.on("error", () => undefined);
  return socket;
}

/** Everything that the server said before it hung up. With a `piece`, that is written every 20 ms meanwhile. */
async function begin(start: string, piece?: string): Promise<string> {
  const socket = open();
  const answer = text(socket).catch(() => "");
  socket.write(start);
  const endsAt = performance.now() + 10_000;
  while (piece !== undefined && !socket.destroyed && !socket.readableEnded) {
    if (performance.now() > endsAt) throw new Error("the server still listens");
    socket.write(piece);
    await pause(20);
  }
  return answer;
}

const head = (...lines: string[]) => `${["POST /api/events HTTP/1.1", "host: x", ...lines].join("\r\n")}\r\n`;
function expectProblem(answer: string, status: number, code: string) {
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(answer).toContain("application/problem+json");
  expect(answer).toContain(`"code":"${code}"`);
}

describe("a client that is slower than it may be", () => {
  test("with its headers gets a 408 and loses its connection", async () => {
    expectProblem(await begin(head()), 408, "request_timeout");
  });

  test("with its body too, whether the body has a length or comes in chunks", async () => {
    const key = `x-api-key: ${client.apiKey}`;
    const [long, chunked] = await Promise.all([
      begin(`${head(key, "content-type: application/json", "content-length: 200000", "")} `),
      begin(`${head(key, "content-type: application/json", "transfer-encoding: chunked", "")}1\r\n \r\n`),
    ]);
    expectProblem(long, 408, "request_timeout");
    expectProblem(chunked, 408, "request_timeout");
  });

  test("loses its connection also while it goes on writing", async () => {
    const body = ["content-type: application/json", "content-length: 200000", ""];
    // The answer may be lost: the system drops it when more bytes come for a closed connection.
    const answers = await Promise.all([begin(head(), "x-slow: 1\r\n"), begin(head(...body), " ")]);
    for (const answer of answers) expect(answer).toMatch(/^(HTTP\/1.1 4\d\d|$)/);
  });

  test("does not delay the others, be there 200 of it", async () => {
    const sockets = Array.from({ length: 200 }, () => open());
    for (const socket of sockets) socket.write(head());
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.publish({ type: "a", payload: {} })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    await Promise.all(sockets.map((socket) => text(socket).catch(() => "")));
  });

  test("and says nothing at all is cut off without an answer", async () => {
    expect(await text(open())).toBe("");
  });
});

describe("bytes that are no request", () => {
  const send = async (bytes: string | Buffer) => {
    const socket = open();
    const answer = text(socket);
    socket.write(bytes);
    return answer;
  };

  test.each([
    ["nonsense", "\0\u0001\u0002 nonsense\r\n\r\n"],
    ["a head without a colon", head("no colon", "")],
    ["a NUL in a header", head("x-a: a\0b", "")],
    ["two lengths", head("content-length: 1", "content-length: 2", "")],
    ["a length and chunks", head("content-length: 1", "transfer-encoding: chunked", "")],
    ["a TLS hello", Buffer.from("160301020001000001fc0303", "hex")],
    ["a folded header", head("x-a: a", "  b", "")],
  ])("(%s) are a 400 that does not repeat them", async (_words, bytes) => {
    const answer = await send(bytes);
    expectProblem(answer, 400, "invalid_request");
    expect(answer).not.toContain("nonsense");
  });

  test("too many of them in a head are a 431", async () => {
    expectProblem(await send(head(`x-a: ${"a".repeat(20_000)}`, "")), 431, "headers_too_large");
  });

  test("harm nobody, and are no errors of ours", async () => {
    expect((await callApi(gateway.url, "GET", "/health/ready")).status).toBe(200);
    expect(gateway.logText()).not.toContain('"level":"error"');
  });
});
