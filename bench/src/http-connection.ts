import { connect, type Socket } from "node:net";

export interface Target {
  url: string;
  path: string;
  headers: Record<string, string>;
}

export interface HttpConnection {
  /** Sends one request and resolves with the status once the whole answer is there. */
  post(body: string): Promise<number>;
  close(): void;
}

/**
 * A keep-alive connection that does as little as possible, because it shares two cores with what it measures: no
 * agent, no header objects. It understands the answers that have a Content-Length, and throws at all others.
 */
export async function openConnection({ url, path, headers }: Target): Promise<HttpConnection> {
  const { hostname, port } = new URL(url);
  const fixed = Object.entries({
    host: `${hostname}:${port}`,
    "content-type": "application/json",
    ...headers,
  });
  const head = `POST ${path} HTTP/1.1\r\n${fixed.map(([name, value]) => `${name}: ${value}\r\n`).join("")}`;
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  const answers = readAnswers(socket);
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return {
    post(body) {
      const answer = answers.next();
      socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
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
    const end = endOfAnswer(received);
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
  return { next: () => new Promise((resolve, reject) => (waiting = { resolve, reject })) };
}

function endOfAnswer(text: string): number | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text.slice(0, headEnd + 2))?.[1];
  if (length === undefined) throw new Error(`An answer without Content-Length: ${text.slice(0, headEnd)}`);
  return headEnd + 4 + Number(length);
}
