import { connect, type Socket } from "node:net";

export interface Target {
  url: string;
  path: string;
  headers: Record<string, string>;
}

export interface HttpConnection {
  /**
   * Sends one request to the target's path and resolves with the status once the whole answer is there. The key is for a
   * target whose headers have none.
   */
  post(body: string, apiKey?: string): Promise<number>;
  get(path: string): Promise<number>;
  close(): void;
}

/**
 * A keep-alive connection that does as little as possible, because it shares two cores with what it measures: no
 * agent, no header objects. It understands answers with a Content-Length and chunked ones, and throws at all others.
 */
export async function openConnection({ url, path, headers }: Target): Promise<HttpConnection> {
  const { hostname, port } = new URL(url);
  const fixed = Object.entries({
    host: `${hostname}:${port}`,
    "content-type": "application/json",
    ...headers,
  });
  const lines = fixed.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `POST ${path} HTTP/1.1\r\n${lines}`;
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const answers = readAnswers(socket);
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return {
    post(body, apiKey) {
      const answer = answers.next();
      const key = apiKey === undefined ? "" : `x-api-key: ${apiKey}\r\n`;
      socket.write(`${head}${key}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      return answer;
    },
    get(pathAndQuery) {
      const answer = answers.next();
      socket.write(`GET ${pathAndQuery} HTTP/1.1\r\n${lines}\r\n`);
      return answer;
    },
    close: () => void socket.destroy(),
  };
}

function readAnswers(socket: Socket): { next(): Promise<number> } {
  let waiting: { resolve: (status: number) => void; reject: (error: Error) => void } | undefined;
  let received = "";
  const fail = (error: Error) => {
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.setEncoding("latin1"); // one character per byte, so that lengths are right
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("The server closed the connection.")));
  socket.on("data", (chunk: string) => {
    received = received === "" ? chunk : received + chunk;
    let end: number | undefined;
    try {
      end = endOfAnswer(received);
    } catch (error) {
      fail(error as Error);
      return;
    }
    if (end === undefined || received.length < end) return;
    if (received.length > end) {
      fail(new Error(`More than one answer came: ${received}`));
      return;
    }
    const status = Number(received.slice(9, 12));
    received = "";
    waiting?.resolve(status);
    waiting = undefined;
  });
  return {
    next: () =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) reject(new Error("The server has closed the connection."));
        waiting = { resolve, reject };
      }),
  };
}

function endOfAnswer(text: string): number | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const head = text.slice(0, headEnd + 2);
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (length !== undefined) return headEnd + 4 + Number(length);
  if (!/\r\ntransfer-encoding: chunked\r\n/i.test(head))
    throw new Error(`An answer without a length: ${text.slice(0, headEnd)}`);
  // One answer at a time: the last chunk is at the end of what came.
  return text.endsWith("\r\n0\r\n\r\n") ? text.length : undefined;
}
